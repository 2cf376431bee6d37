"""The doors – command line, pages, API – and the application that puts the rooms together; no rule of a lifecycle lives here."""
