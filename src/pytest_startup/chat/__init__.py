"""The chat without input and output: what a frame says, which frames a turn wants next, and what is wrong with one."""
