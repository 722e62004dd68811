"""What looks odd under real services, and is healthy."""
