using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http.Metadata;
using OrleansSagas.Http.Problems;

namespace OrleansSagas.Http.Requests;

/// <summary>
/// What an endpoint takes, bound as a whole and described by its constructor's parameters. Bound one by one, by the framework, an empty
/// value would be none, a list a status and a signed text a number, and what cannot be read would be refused without saying why.
/// </summary>
internal abstract record SagaRequest : IEndpointParameterMetadataProvider
{
    /// <summary>Why it is refused; null for a good one. <see cref="SagaEndpointFilter"/> lets no handler see another.</summary>
    public SagaProblem? Refusal { get; init; }

    static void IEndpointParameterMetadataProvider.PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder)
    {
        foreach (var member in parameter.ParameterType.GetConstructors().Single().GetParameters())
            builder.Metadata.Add(new Member(member));
    }

    private sealed class Member(ParameterInfo parameter) : IParameterBindingMetadata
    {
        public string Name => parameter.Name!;

        public bool HasTryParse => true;

        public bool HasBindAsync => false;

        public ParameterInfo ParameterInfo => parameter;

        public bool IsOptional { get; } = new NullabilityInfoContext().Create(parameter).WriteState == NullabilityState.Nullable;
    }
}
