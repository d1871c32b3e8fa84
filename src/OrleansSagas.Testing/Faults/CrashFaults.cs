namespace OrleansSagas.Testing;

/// <summary>At which commits the process is to die.</summary>
internal sealed class CrashFaults
{
    private readonly Lock _gate = new();
    private readonly List<(long Commit, bool IsBefore)> _planned = [];
    private long _commits;

    public void Plan(int commit, bool isBefore)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(commit, 1);
        lock (_gate)
            _planned.Add((_commits + commit, isBefore));
    }

    /// <summary>Whether it dies before a transaction of the next <paramref name="commits"/> commits.</summary>
    public bool IsBefore(int commits)
    {
        lock (_gate)
            return Take(isBefore: true, _commits + commits);
    }

    /// <summary>Whether it dies after a transaction of the next <paramref name="commits"/> commits, which are counted.</summary>
    public bool IsAfter(int commits)
    {
        lock (_gate)
        {
            _commits += commits;
            return Take(isBefore: false, _commits);
        }
    }

    public IEnumerable<string> NotFired()
    {
        lock (_gate)
            return
            [
                .. _planned.Select(planned =>
                    $"a crash {(planned.IsBefore ? "before" : "after")} commit {planned.Commit} (there were {_commits})"
                ),
            ];
    }

    private bool Take(bool isBefore, long until) =>
        _planned.FindIndex(planned => planned.IsBefore == isBefore && planned.Commit <= until) is >= 0 and var index && RemoveAt(index);

    private bool RemoveAt(int index)
    {
        _planned.RemoveAt(index);
        return true;
    }
}
