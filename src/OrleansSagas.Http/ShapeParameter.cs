using System.Reflection;
using Microsoft.AspNetCore.Http.Metadata;

namespace OrleansSagas.Http;

/// <summary>A parameter as the OpenAPI document is to show it.</summary>
internal sealed class ShapeParameter(ParameterInfo parameter) : IParameterBindingMetadata
{
    public string Name => parameter.Name!;

    public bool HasTryParse => true;

    public bool HasBindAsync => false;

    public ParameterInfo ParameterInfo => parameter;

    public bool IsOptional { get; } = new NullabilityInfoContext().Create(parameter).WriteState == NullabilityState.Nullable;
}
