using System.Collections.Concurrent;

namespace OrleansSagas.Bench.Raw;

/// <summary>Sagas that are not in use.</summary>
internal sealed class RawSagaPool
{
    private readonly ConcurrentQueue<RawSaga> _free = new();

    /// <summary>A new saga.</summary>
    public RawSaga Rent()
    {
        if (!_free.TryDequeue(out var saga))
            saga = new RawSaga();
        saga.Renew();
        return saga;
    }

    /// <summary>Gives back a saga whose rows are all written.</summary>
    public void Return(RawSaga saga) => _free.Enqueue(saga);
}
