using System.Text.Json;

namespace OrleansSagas;

/// <summary>Where a saga's definition begins.</summary>
public static class Saga
{
    /// <summary>Begins the definition of version <paramref name="version"/> of the saga type <paramref name="type"/>.</summary>
    /// <typeparam name="TData">The saga's data: an immutable type that JSON can hold.</typeparam>
    /// <param name="type">1 to 64 characters of <c>A-Z a-z 0-9 . _ -</c>.</param>
    /// <param name="version">1 or more. A saga keeps the version that it started with.</param>
    /// <param name="json">
    /// How the data is written. Default: web defaults, strict about nulls, missing constructor parameters and duplicate names. Read at most
    /// 60 levels deep and without comments, whatever it says.
    /// </param>
    public static SagaBuilder<TData> Define<TData>(string type, int version = 1, JsonSerializerOptions? json = null)
        where TData : class => new(type, version, json);
}
