using OrleansSagas.Shop.Behaviours;
using OrleansSagas.Shop.Books;

namespace OrleansSagas.Shop;

/// <summary>Where every call of a service arrives: lets the order's behaviour happen around one transaction of the books.</summary>
internal sealed class ShopService(ShopBooks books, ShopOptions options, TimeProvider time)
{
    private readonly InFlightCalls _inFlight = new();

    /// <summary>Does what <paramref name="effect"/> decides, once per key, and answers what was booked under the key.</summary>
    /// <exception cref="StepRejectedException">Nothing was done: the effect refused, or the key is barred or undone.</exception>
    internal async Task<Receipt> DoAsync(ShopCall call, Order order, Func<ILedger, Move> effect, CancellationToken cancellation)
    {
        ArgumentException.ThrowIfNullOrEmpty(call.OrderId);
        ArgumentException.ThrowIfNullOrEmpty(call.Key);
        using var landing = _inFlight.Enter(call.Key);
        var behaviour = OrderBehaviour.Of(order, call.Behaviour);
        return await DisturbedAsync(call, behaviour, token => books.DoAsync(call, Effect, token), cancellation).ConfigureAwait(false);

        Move Effect(ILedger ledger) =>
            behaviour is { Decline: true }
                ? throw new StepRejectedException($"{call.Step} of order {call.OrderId} was declined.")
                : effect(ledger);
    }

    /// <summary>Undoes what was booked under the action's key, or bars that key where nothing was.</summary>
    internal async Task UndoAsync(ShopCall call, Order order, CancellationToken cancellation)
    {
        ArgumentException.ThrowIfNullOrEmpty(call.OrderId);
        ArgumentException.ThrowIfNullOrEmpty(call.Key);
        ArgumentException.ThrowIfNullOrEmpty(call.ActionKey);
        await _inFlight.WaitAsync(call.ActionKey, options.UndoWait, time, cancellation).ConfigureAwait(false);
        _ = await DisturbedAsync(call, OrderBehaviour.Of(order, call.Behaviour), UndoneAsync, cancellation).ConfigureAwait(false);

        async Task<bool> UndoneAsync(CancellationToken token)
        {
            await books.UndoAsync(call, token).ConfigureAwait(false);
            return true;
        }
    }

    private async Task<T> DisturbedAsync<T>(
        ShopCall call,
        StepBehaviour? behaviour,
        Func<CancellationToken, Task<T>> work,
        CancellationToken cancellation
    )
    {
        if (behaviour is null)
            return await work(cancellation).ConfigureAwait(false);

        var token = behaviour.IgnoreCancellation ? CancellationToken.None : cancellation;
        var attempt = await books.CountAttemptAsync(call, token).ConfigureAwait(false);
        var disturbance = attempt is { } number ? OrderBehaviour.Disturbance(behaviour, number) : Disturbance.None;
        await Task.Delay(disturbance.Slow, time, token).ConfigureAwait(false);
        if (disturbance.Fault == FaultKind.Fail)
            throw new ShopTroubleException($"{call.Behaviour} of order {call.OrderId} failed before it did anything (attempt {attempt}).");
        if (disturbance.Fault == FaultKind.Hang)
            await Task.Delay(Timeout.InfiniteTimeSpan, time, token).ConfigureAwait(false);
        var answer = await work(token).ConfigureAwait(false);
        if (disturbance.Fault == FaultKind.LoseAnswer)
            throw new ShopTroubleException($"{call.Behaviour} of order {call.OrderId} lost its answer (attempt {attempt}).");
        await Task.Delay(disturbance.Late, time, token).ConfigureAwait(false);
        return answer;
    }
}
