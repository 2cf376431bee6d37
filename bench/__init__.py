"""The benchmark suite: each figure stands beside the fastest known form of the same work, measured in the same run."""
