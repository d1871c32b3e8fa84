using System.Buffers;
using System.Text;
using System.Text.Json;
using OrleansSagas.Bench.Raw;

namespace OrleansSagas.Bench.Workloads;

/// <summary>An ended saga's view as JSON, made once; per answer only the id is written anew.</summary>
/// <remarks>So that what is measured beside the engine sends as many bytes as the engine does, and spends nothing on making them.</remarks>
internal sealed class AnswerTemplate
{
    /// <summary>The length of an id: a GUID's usual form.</summary>
    public const int IdLength = 36;

    private static readonly string[] Steps = ["validate-payment", "reserve-inventory", "charge-payment", "create-shipment"];

    private readonly byte[] _bytes;
    private readonly int _idAt;

    /// <summary>Makes the view of a saga that ended as <paramref name="variant"/> says.</summary>
    public AnswerTemplate(Variant variant, ReadOnlyMemory<byte> data)
    {
        var id = Guid.Empty.ToString();
        _bytes = JsonSerializer.SerializeToUtf8Bytes(ViewOf(variant, id, data), SagaJsonContext.Default.SagaView);
        _idAt = _bytes.AsSpan().IndexOf(Encoding.ASCII.GetBytes(id));
    }

    /// <summary>The answer's length in bytes.</summary>
    public int Length => _bytes.Length;

    /// <summary>Writes the answer for the saga <paramref name="id"/>.</summary>
    public void WriteTo(IBufferWriter<byte> writer, ReadOnlySpan<byte> id)
    {
        var span = writer.GetSpan(_bytes.Length);
        _bytes.CopyTo(span);
        id.CopyTo(span[_idAt..]);
        writer.Advance(_bytes.Length);
    }

    private static SagaView ViewOf(Variant variant, string id, ReadOnlyMemory<byte> data)
    {
        var now = DateTimeOffset.UtcNow;
        var error = variant == Variant.Fail ? new SagaError("StepRejectedException", "No carrier takes this order.") : null;
        return new SagaView
        {
            Id = new SagaId(id),
            Type = Workload.TypeOf(variant),
            Version = 1,
            Status = Workload.EndOf(variant),
            Reason = variant == Variant.Fail ? SagaEndReason.Failed : null,
            Error = error,
            Data = new SagaData(data),
            Steps =
            [
                .. Steps.Select(step => new StepView
                {
                    Path = step,
                    Status =
                        variant == Variant.Ok ? StepStatus.Succeeded
                        : step == Steps[^1] ? StepStatus.Rejected
                        : StepStatus.Undone,
                    Attempts = 1,
                    UndoAttempts = variant == Variant.Fail && step != Steps[^1] ? 1 : 0,
                    HasUndo = step != Steps[^1],
                    EndedAt = now,
                    Error = step == Steps[^1] ? error : null,
                }),
            ],
            Revision = RawRows.PerSaga(variant),
            StartedAt = now,
            UpdatedAt = now,
            EndedAt = now,
        };
    }
}
