"""The only writer: commands become events, deadlines and notices in one transaction; it knows no door and no channel."""
