"""The only writer: commands become events, deadlines and notices in one transaction. No door, no channel."""
