// More silos than cores: most of what the tests of slow callers do is wait.
[assembly: Xunit.v3.Parallelization(MaxThreads = 4)]
