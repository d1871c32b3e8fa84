using System.Text;
using OrleansSagas.Payloads;
using OrleansSagas.Plans;
using OrleansSagas.Storage;
using OrleansSagas.TestKit;

namespace OrleansSagas.Storage.Tests.Conformance;

/// <summary>One open store on a fresh place for each test, and short words for what is written to it.</summary>
public abstract class SagaStoreFixture : IAsyncLifetime
{
    /// <summary>A time with whole milliseconds.</summary>
    protected static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, 123, TimeSpan.Zero);

    private protected static readonly PlanIdentity OrderPlan = new("order", 1, "shape-1");

    private readonly HeldScheduler _scheduler = new();
    private readonly TestIds _ids = new();
    private SagaRuntime? _runtime;

    private protected ISagaStore Store { get; set; } = null!;

    private protected EngineOpened Opened { get; private set; } = null!;

    private protected SagaRuntime Runtime => _runtime ??= new SagaRuntime(_scheduler, Clock, _ids);

    protected virtual TimeProvider Clock => TimeProvider.System;

    /// <summary>A store on this test's place: the same one each time.</summary>
    private protected abstract ISagaStore CreateStore(SagaRuntime runtime);

    /// <summary>Removes this test's place.</summary>
    protected abstract ValueTask RemovePlaceAsync();

    public virtual async ValueTask InitializeAsync()
    {
        Store = CreateStore(Runtime);
        Opened = await OpenAsync(Store, OrderPlan);
    }

    public virtual async ValueTask DisposeAsync()
    {
        _scheduler.Release();
        if (Store is not null) // null: the test was skipped
        {
            await Store.DisposeAsync();
            await RemovePlaceAsync();
        }

        GC.SuppressFinalize(this);
    }

    private protected async Task ReopenAsync(params PlanIdentity[] plans)
    {
        await Store.DisposeAsync();
        Store = CreateStore(Runtime);
        Opened = await OpenAsync(Store, plans.Length == 0 ? [OrderPlan] : plans);
    }

    /// <summary>Opens it for one engine.</summary>
    private protected virtual Task<EngineOpened> OpenAsync(ISagaStore store, params PlanIdentity[] plans) =>
        store.OpenAsync(plans, default);

    private protected static SagaKey Key(string id, string @namespace = SagaKey.DefaultNamespace) => new(@namespace, new SagaId(id));

    protected static ReadOnlyMemory<byte> Utf8(string text) => Encoding.UTF8.GetBytes(text);

    private protected static SagaRow Running => new() { Status = SagaStatus.Running };

    private protected static SagaRow Completed => new() { Status = SagaStatus.Completed, EndedAt = Noon };

    private protected static RequestKey RequestKeyOf(string key, string @namespace = SagaKey.DefaultNamespace, string caller = "me") =>
        new(@namespace, caller, key);

    private protected static StoredRequest Request(
        string key,
        string saga,
        byte fill = 1,
        string @namespace = SagaKey.DefaultNamespace,
        string caller = "me"
    )
    {
        var hash = new byte[32];
        hash.AsSpan().Fill(fill);
        return new StoredRequest(RequestKeyOf(key, @namespace, caller), hash, new SagaId(saga));
    }

    /// <summary>The first commit of a saga.</summary>
    private protected SagaCommit Start(
        SagaKey key,
        SagaRow? row = null,
        StoredRequest? request = null,
        PlanIdentity? plan = null,
        DateTimeOffset? at = null,
        string? correlation = null,
        string? parent = null,
        Payload? data = null
    )
    {
        var id = _ids.NewCommitId();
        return new SagaCommit
        {
            Id = id,
            At = at ?? Noon,
            Saga = key,
            ExpectedRevision = 0,
            NewSaga = new SagaIdentity
            {
                Type = (plan ?? OrderPlan).Type,
                Version = (plan ?? OrderPlan).Version,
                Fingerprint = (plan ?? OrderPlan).Fingerprint,
                StartedAt = at ?? Noon,
                CorrelationId = correlation,
                ParentId = parent is null ? null : new SagaId(parent),
            },
            Row = row ?? Running,
            Request = request,
            Entries = [Entry(id, 1, "Started", data: data)],
        };
    }

    /// <summary>A further commit, of <paramref name="entries"/> entries.</summary>
    private protected SagaCommit Next(
        SagaKey key,
        long number,
        long revision,
        int entries = 1,
        SagaRow? row = null,
        StoredRequest? request = null,
        DateTimeOffset? at = null
    )
    {
        var id = _ids.NewCommitId();
        return new SagaCommit
        {
            Id = id,
            At = at ?? Noon,
            Saga = key,
            Number = number,
            ExpectedRevision = revision,
            Row = row,
            Request = request,
            Entries = [.. Enumerable.Range(1, entries).Select(i => Entry(id, revision + i, "StepSucceeded"))],
        };
    }

    private protected static StoredEntry Entry(
        CommitId commit,
        long revision,
        string name,
        ReadOnlyMemory<byte>? body = null,
        Payload? data = null
    ) =>
        new()
        {
            Revision = revision,
            Name = name,
            Format = 1,
            At = Noon,
            Commit = commit,
            Body = body ?? Utf8("""{"step":"pay"}"""),
            Data = data,
        };

    private protected Task<CommitResult> CommitAsync(SagaCommit commit, CancellationToken withdraw = default) =>
        Store.CommitAsync(commit, withdraw).AsTask();

    /// <summary>Commits what must succeed, and returns the saga's number.</summary>
    private protected async Task<long> CommittedAsync(SagaCommit commit)
    {
        var result = await CommitAsync(commit);
        Assert.Null(result.Error);
        Assert.Equal(CommitOutcome.Committed, result.Outcome);
        return result.Number;
    }

    /// <summary>Lets all of them go into one batch.</summary>
    private protected async Task<CommitResult[]> InOneBatchAsync(params SagaCommit[] commits)
    {
        _scheduler.Hold();
        var results = commits.Select(c => CommitAsync(c)).ToArray();
        _scheduler.Release();
        return await Task.WhenAll(results).For("the answers to a batch");
    }

    protected void HoldBatches() => _scheduler.Hold();

    protected void ReleaseBatches() => _scheduler.Release();

    private protected async Task<StoredSaga> LoadedAsync(SagaKey key)
    {
        var saga = await Store.LoadAsync(key, default);
        Assert.NotNull(saga);
        return saga;
    }

    private protected async Task<string[]> ListIdsAsync(SagaQuery query) =>
        [.. (await Store.ListAsync(query, default)).Items.Select(s => s.Key.Id.Value)];
}
