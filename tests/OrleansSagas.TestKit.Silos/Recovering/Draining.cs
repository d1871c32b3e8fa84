using System.Diagnostics;
using OrleansSagas.TestKit.Silos.Auditing;
using OrleansSagas.TestKit.Silos.Loading;

namespace OrleansSagas.TestKit.Silos.Recovering;

/// <summary>Waits until every saga has ended; resumes what is paused and cares for what is stuck, as an operator would.</summary>
internal static class Draining
{
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(100);

    /// <summary>Answers how long it took.</summary>
    public static async Task<TimeSpan> EndAllAsync(ISagaClient sagas, Operators operators, TimeSpan bound)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            var open = new List<SagaSummary>();
            foreach (var status in Enum.GetValues<SagaStatus>().Where(status => !status.IsTerminal()))
                open.AddRange(await sagas.ListAsync(new() { Status = status, PageSize = 1000 }).ToListAsync());
            if (open.Count == 0)
                return clock.Elapsed;
            if (clock.Elapsed > bound)
                throw new TimeoutException(await LaggardsAsync(sagas, open, bound));
            foreach (var saga in open)
            {
                if (saga.Status == SagaStatus.Paused)
                    await operators.DoAsync(saga.Id, OperatorAction.Resume);
                if (saga.Status == SagaStatus.Stuck)
                    await operators.CareForStuckAsync(saga.Id);
            }
            await Task.Delay(Glance);
        }
    }

    private static async Task<string> LaggardsAsync(ISagaClient sagas, List<SagaSummary> open, TimeSpan bound)
    {
        var lines = new List<string> { $"Waited {bound} for every saga to end; {open.Count} have not:" };
        foreach (var saga in open.Take(10))
        {
            var view = await sagas.Get(saga.Id).GetAsync();
            lines.Add(
                $"- saga {saga.Id} is listed as {saga.Status}, and is {view.Status} at revision {view.Revision}: "
                    + string.Join(
                        "; ",
                        view.Steps.Select(step =>
                            $"{step.Path} {step.Status}, attempts {step.Attempts}/{step.UndoAttempts}, next {step.NextAttemptAt:O}"
                        )
                    )
            );
            lines.Add(HistoryAudit.Said(await sagas.Get(saga.Id).HistoryAsync().ToListAsync()));
        }
        return string.Join(Environment.NewLine, lines);
    }
}
