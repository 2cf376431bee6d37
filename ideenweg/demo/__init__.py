"""The demonstration: invented ideas brought to every stage by real commands, with dates behind them. Data in YAML.

people.yaml: the accounts. ways.yaml: stretches that many ideas go. ideas.yaml: the ideas, and the stretches of each.
"""
