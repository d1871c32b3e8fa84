// More silos than cores: most of what the tests of slow callers do is wait.
[assembly: CollectionBehavior(MaxParallelThreads = 4)]
