using System.Globalization;
using System.Text;

namespace OrleansSagas.Testing;

/// <summary>A saga in words, for a person whose test failed.</summary>
internal static class SagaReport
{
    /// <summary>Its status and its steps.</summary>
    public static string Of(SagaView view)
    {
        var text = new StringBuilder($"Saga '{view.Id}' of type '{view.Type}' is {view.Status}");
        if (view.Reason is { } reason)
            text.Append(CultureInfo.InvariantCulture, $", because of: {reason}");
        if (view.Error is { } error)
            text.Append(CultureInfo.InvariantCulture, $", {Of(error)}");
        text.Append('.');
        var width = view.Steps.Count == 0 ? 0 : view.Steps.Max(step => step.Path.Length);
        foreach (var step in view.Steps)
            text.AppendLine().Append(CultureInfo.InvariantCulture, $"  {step.Path.PadRight(width)}  {Of(step)}");
        return text.ToString();
    }

    private static string Of(StepView step)
    {
        var text = new StringBuilder(step.Status.ToString());
        if (step.Attempts > 0)
            text.Append(CultureInfo.InvariantCulture, $", {step.Attempts} attempt{(step.Attempts == 1 ? "" : "s")}");
        if (step.UndoAttempts > 0)
            text.Append(CultureInfo.InvariantCulture, $", {step.UndoAttempts} to undo");
        if (step.Uncertain)
            text.Append(", uncertain");
        if (step.NextAttemptAt is { } next)
            text.Append(CultureInfo.InvariantCulture, $", next at {next:yyyy-MM-dd HH:mm:ss.fff}");
        if (step.Error is { } error)
            text.Append(CultureInfo.InvariantCulture, $", {Of(error)}");
        if (step.UndoError is { } undo)
            text.Append(CultureInfo.InvariantCulture, $", undo: {Of(undo)}");
        return text.ToString();
    }

    private static string Of(SagaError error) => $"{error.Type}: {error.Message.TrimEnd('.')}";
}
