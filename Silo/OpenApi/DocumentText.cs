using System.Globalization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace OrleansSagas.Silo.OpenApi;

/// <summary>
/// The document as text. It is made once: that takes some fifty milliseconds, and whoever asks for it again and again would have them all.
/// </summary>
internal sealed class DocumentText(IOpenApiDocumentProvider documents)
{
    private readonly Lock _making = new();
    private Task<byte[]>? _made;

    /// <summary>Those who ask while it is being made share it, and its failure; who asks after a failure lets it be made again.</summary>
    public Task<byte[]> GetAsync()
    {
        lock (_making)
        {
            if (_made is null or { IsFaulted: true } or { IsCanceled: true })
                _made = MakeAsync();
            return _made;
        }
    }

    private async Task<byte[]> MakeAsync()
    {
        var document = await documents.GetOpenApiDocumentAsync();
        await using var text = new StringWriter(CultureInfo.InvariantCulture);
        document.SerializeAsV31(new OpenApiJsonWriter(text));
        return System.Text.Encoding.UTF8.GetBytes(text.ToString());
    }
}
