using NpgsqlTypes;
using OrleansSagas.Storage;

namespace OrleansSagas.Storage.PostgreSql.Writing;

/// <summary>The part of a saga's row that is written once.</summary>
/// <param name="columns">The statement's parameters.</param>
internal sealed class IdentityColumns(Columns columns)
{
    /// <summary>The columns, in the order of the parameters.</summary>
    internal const string Names =
        "namespace, id, type, version, fingerprint, started_at, correlation_id, parent_id, root_id, request_caller, request_key";

    /// <summary>How many there are.</summary>
    internal const int Count = 11;

    private readonly Column<string?> _namespace = columns.Next<string?>(NpgsqlDbType.Text);
    private readonly Column<string?> _id = columns.Next<string?>(NpgsqlDbType.Text);
    private readonly Column<string?> _type = columns.Next<string?>(NpgsqlDbType.Text);
    private readonly Column<int> _version = columns.Next<int>(NpgsqlDbType.Integer);
    private readonly Column<string?> _fingerprint = columns.Next<string?>(NpgsqlDbType.Text);
    private readonly Column<long> _startedAt = columns.Next<long>(NpgsqlDbType.Bigint);
    private readonly Column<string?> _correlationId = columns.Next<string?>(NpgsqlDbType.Text);
    private readonly Column<string?> _parentId = columns.Next<string?>(NpgsqlDbType.Text);
    private readonly Column<string?> _rootId = columns.Next<string?>(NpgsqlDbType.Text);
    private readonly Column<string?> _requestCaller = columns.Next<string?>(NpgsqlDbType.Text);
    private readonly Column<string?> _requestKey = columns.Next<string?>(NpgsqlDbType.Text);

    internal string NamespacePlace => _namespace.Place;

    internal string IdPlace => _id.Place;

    internal string CallerPlace => _requestCaller.Place;

    internal string KeyPlace => _requestKey.Place;

    internal void Add(SagaCommit commit, SagaIdentity identity)
    {
        var startedBy = commit.StartedBy;
        _namespace.Add(commit.Saga.Namespace);
        _id.Add(commit.Saga.Id.Value);
        _type.Add(StoreText.Write(identity.Type));
        _version.Add(identity.Version);
        _fingerprint.Add(StoreText.Write(identity.Fingerprint));
        _startedAt.Add(identity.StartedAt.ToUnixTimeMilliseconds());
        _correlationId.Add(StoreText.Write(identity.CorrelationId));
        _parentId.Add(identity.ParentId?.Value);
        _rootId.Add(identity.RootId?.Value);
        _requestCaller.Add(StoreText.Write(startedBy?.Caller));
        _requestKey.Add(StoreText.Write(startedBy?.Key));
    }
}
