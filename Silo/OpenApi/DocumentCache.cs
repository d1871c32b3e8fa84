using Microsoft.AspNetCore.OutputCaching;

namespace OrleansSagas.Silo.OpenApi;

/// <summary>
/// Keeps the document for whoever may ask for it. It takes some fifty milliseconds to make; the framework's own policy keeps nothing for
/// callers who are authenticated, and for the others one for each query.
/// </summary>
internal sealed class DocumentCache : IOutputCachePolicy
{
    public ValueTask CacheRequestAsync(OutputCacheContext context, CancellationToken cancellation)
    {
        context.EnableOutputCaching = context.AllowCacheLookup = context.AllowCacheStorage = context.AllowLocking = true;
        context.CacheVaryByRules.VaryByHost = false;
        return ValueTask.CompletedTask;
    }

    public ValueTask ServeFromCacheAsync(OutputCacheContext context, CancellationToken cancellation) => ValueTask.CompletedTask;

    public ValueTask ServeResponseAsync(OutputCacheContext context, CancellationToken cancellation)
    {
        context.AllowCacheStorage = context.HttpContext.Response.StatusCode == StatusCodes.Status200OK;
        return ValueTask.CompletedTask;
    }
}
