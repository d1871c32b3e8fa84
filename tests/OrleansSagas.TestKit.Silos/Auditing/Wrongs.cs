using System.Collections.Concurrent;

namespace OrleansSagas.TestKit.Silos.Auditing;

/// <summary>All that is found to be wrong, so that one run shows it together.</summary>
internal sealed class Wrongs
{
    private const int Shown = 20;

    private readonly ConcurrentQueue<string> _found = new();

    public bool Any => !_found.IsEmpty;

    public int Count => _found.Count;

    public void Add(string? wrong)
    {
        if (wrong is not null)
            _found.Enqueue(wrong);
    }

    public void AddAll(IEnumerable<string> wrongs)
    {
        foreach (var wrong in wrongs)
            _found.Enqueue(wrong);
    }

    public void Unless(bool holds, string wrong)
    {
        if (!holds)
            _found.Enqueue(wrong);
    }

    public override string ToString() =>
        $"{_found.Count} things are "
        + $"wrong:{Environment.NewLine}{string.Join(Environment.NewLine, _found.Take(Shown).Select(wrong => "- " + wrong))}";
}
