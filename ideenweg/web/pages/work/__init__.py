"""The pages of those who work on ideas: their tasks, the item page with its forms, the lists for coordinators."""
