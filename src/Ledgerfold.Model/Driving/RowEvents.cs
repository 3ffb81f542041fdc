using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Ledgerfold.Model.Events;
using Ledgerfold.Model.Processing;

namespace Ledgerfold.Model.Driving;

/// <summary>
/// The events of processes as rows are made of them: what instances know, and what steps ask for, is passed over where it stands, because
/// no row holds it and reading it takes most of the time.
/// </summary>
internal static class RowEvents
{
    public static EventTypes Types { get; } = EventTypes.Of<ProcessEvent>(Options());

    private static JsonSerializerOptions Options()
    {
        var options = new JsonSerializerOptions(EventJson.CommandOptions)
        {
            TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { PassOver } },
        };
        options.MakeReadOnly();
        return options;
    }

    private static void PassOver(JsonTypeInfo contract)
    {
        foreach (var property in contract.Properties)
        {
            if (property.PropertyType == typeof(JsonElement))
                property.CustomConverter = new Passing<JsonElement>();
            else if (property.PropertyType == typeof(JsonElement?))
                property.CustomConverter = new Passing<JsonElement?>();
            else if (property.PropertyType == typeof(ImmutableArray<ProcessOutput>))
                property.CustomConverter = new Passing<ImmutableArray<ProcessOutput>>();
            else if (contract.Type == typeof(ProcessStep) && property.Name == "undo")
                property.CustomConverter = new Passing<Work>();
        }
    }

    private sealed class Passing<T> : JsonConverter<T>
    {
        public override bool HandleNull => true;

        public override T? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            reader.Skip();
            return default;
        }

        public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) =>
            throw new InvalidOperationException("What is passed over is never written.");
    }
}
