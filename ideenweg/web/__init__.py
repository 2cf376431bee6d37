"""The pages: what the queries give, in plain words, for everybody. They decide nothing and write nothing."""
