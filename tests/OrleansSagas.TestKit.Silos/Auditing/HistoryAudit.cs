using System.Text.Json;

namespace OrleansSagas.TestKit.Silos.Auditing;

/// <summary>What must hold in every history of an ended saga.</summary>
internal static class HistoryAudit
{
    /// <summary>What is wrong with the history of the saga that <paramref name="view"/> shows.</summary>
    public static IEnumerable<string> Problems(SagaView view, IReadOnlyList<SagaHistoryEntry> history)
    {
        var lines = history
            .Select(entry =>
                (
                    entry.Event,
                    Step: Text(entry, "step"),
                    Attempt: Number(entry, "attempt"),
                    Undo: IsUndo(entry),
                    Known: Text(entry, "known")
                )
            )
            .ToList();
        if (!history.Select(entry => entry.Revision).SequenceEqual(Enumerable.Range(1, history.Count).Select(number => (long)number)))
            yield return "its revisions have gaps or come twice";
        if (history.Count != view.Revision)
            yield return $"it shows revision {view.Revision}, and its history has {history.Count} entries";
        if (lines.FirstOrDefault().Event != "started" || lines.Count(line => line.Event == "started") != 1)
            yield return "it does not begin with the one entry 'started'";
        if (lines.LastOrDefault().Event != "ended" || lines.Count(line => line.Event == "ended") != 1)
            yield return "it does not end with the one entry 'ended'";
        else if (!string.Equals(Text(history[^1], "status"), view.Status.ToString(), StringComparison.OrdinalIgnoreCase))
            yield return $"it is {view.Status}, and its history ends with {history[^1].Body}";
        if (lines.Count(line => line.Event == "turned-back") > 1)
            yield return "it turned back twice";

        foreach (var step in lines.Where(line => line.Step is not null).GroupBy(line => line.Step))
        {
            var results = step.Where(line => line.Event is "step-succeeded" or "step-given-up").ToList();
            if (results.Count > 1)
                yield return $"its step {step.Key} has {results.Count} results: {string.Join(", ", results)}";
            var undone = step.Count(line => line.Event == "undo-succeeded");
            if (undone > 1 + step.Count(line => line.Event == "step-succeeded-late"))
                yield return $"its step {step.Key} was undone {undone} times";
            foreach (
                var attempt in step.Where(line => line.Event is "attempt-failed" or "step-given-up" or "undo-given-up")
                    .GroupBy(line => (line.Attempt, IsUndo: line.Undo || line.Event == "undo-given-up"))
                    .Where(all => all.Count() > 1)
            )
                yield return $"attempt {attempt.Key.Attempt} of its step {step.Key} failed {attempt.Count()} times";
            // A success counts whichever attempt it is of: one that timed out may answer while a later one is under way.
            var attempts = step.Where(line => line is { Event: "attempt-failed" or "step-given-up", Undo: false })
                .Select(line => line.Attempt ?? 0)
                .ToList();
            if (!attempts.SequenceEqual(attempts.Order()))
                yield return $"the attempts of its step {step.Key} go back: {string.Join(", ", attempts)}";
        }
    }

    public static string? Text(SagaHistoryEntry entry, string name) =>
        entry.Body.As<JsonElement>().TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    private static int? Number(SagaHistoryEntry entry, string name) =>
        entry.Body.As<JsonElement>().TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number
            ? value.GetInt32()
            : null;

    private static bool IsUndo(SagaHistoryEntry entry) =>
        entry.Body.As<JsonElement>().TryGetProperty("undo", out var value) && value.ValueKind == JsonValueKind.True;

    public static string Said(IEnumerable<SagaHistoryEntry> history) =>
        string.Join(
            Environment.NewLine,
            history.Select(entry =>
                $"    {entry.Revision} {entry.At:HH:mm:ss.fff} {entry.Event} {entry.Body} {entry.Actor} {entry.CausationId}"
            )
        );
}
