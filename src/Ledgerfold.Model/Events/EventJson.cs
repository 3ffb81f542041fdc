using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Ledgerfold.Model.Events;

/// <summary>How events, answers and states are written as JSON where a module does not say otherwise.</summary>
public static class EventJson
{
    /// <summary>
    /// Camel case, enums as text; a member that a constructor requires, or that may not be null, must be there; one that nobody knows is
    /// passed over.
    /// </summary>
    public static JsonSerializerOptions Options { get; } = Create();

    /// <summary>The same to tell commands apart: a member that is null is not written, so one that comes later changes nothing.</summary>
    internal static JsonSerializerOptions CommandOptions { get; } = Create(JsonIgnoreCondition.WhenWritingNull);

    private static JsonSerializerOptions Create(JsonIgnoreCondition ignored = JsonIgnoreCondition.Never)
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web)
        {
            RespectRequiredConstructorParameters = true,
            RespectNullableAnnotations = true,
            DefaultIgnoreCondition = ignored,
            NumberHandling = JsonNumberHandling.Strict,
            PropertyNameCaseInsensitive = false,
            TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
            Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        };
        options.MakeReadOnly();
        return options;
    }
}
