"""What happens to each resource, in plain Python: nothing here imports Pulumi."""
