"""The contract of an application: `startup.toml`, read once into frozen objects, or every mistake at once.

`reader.find`, `reader.read` and `reader.parse` give a `model.Contract` or raise `mistakes.ContractError`;
`values` and `places` are what it is made of, `templates` how addresses get into it. Import from these modules:
whoever needs only an `Address` need not pay for the reader.
"""
