// More silos than cores: most of what a test does is wait, for its silo to start or, where callers are slow, for theirs to be dropped.
[assembly: Xunit.v3.Parallelization(MaxThreads = 4)]
