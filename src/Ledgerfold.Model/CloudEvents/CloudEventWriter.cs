using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;
using Ledgerfold.Model.Exporting;

namespace Ledgerfold.Model.CloudEvents;

/// <summary>
/// Writes events as CloudEvents 1.0. An event of the ledger is called by its id and the ledger; one that came in as a CloudEvent of
/// somebody else goes out as it came: under its own <c>source</c> and <c>id</c>, with its own <c>time</c>, and with the extensions that
/// mean nothing here. Any thread.
/// </summary>
/// <param name="ledger">Names the ledger in <c>source</c>, the same wherever it is asked; null where it has no name.</param>
public sealed class CloudEventWriter(string? ledger)
{
    /// <summary>The start of the names of headers that keep the extensions of others.</summary>
    internal const string HeaderPrefix = "ce-";

    /// <summary>What <c>source</c> says of a tenant's events of this ledger.</summary>
    public string SourceOf(string tenant) => Attributes.SourceOf(ledger, tenant);

    /// <summary>Writes an event as one JSON object, without line breaks.</summary>
    public void Write(Utf8JsonWriter json, RecordedEvent recorded)
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(recorded);
        json.WriteStartObject();
        WriteAttributes(json, recorded, isWhole: true);
        ExportedEvent.WriteData(json, recorded);
        json.WriteEndObject();
    }

    /// <summary>The same without what the event says and its headers, for those who may know of it and not read it.</summary>
    public void WriteWithheld(Utf8JsonWriter json, RecordedEvent recorded)
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(recorded);
        json.WriteStartObject();
        WriteAttributes(json, recorded, isWhole: false);
        json.WriteBoolean("withheld", true);
        json.WriteEndObject();
    }

    /// <summary>Everything about an event but what it says, as texts: what stands beside the data where that stands alone.</summary>
    public ImmutableArray<KeyValuePair<string, string>> AttributesOf(RecordedEvent recorded)
    {
        ArgumentNullException.ThrowIfNull(recorded);
        var written = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(written, ExportedEvent.Options))
        {
            json.WriteStartObject();
            WriteAttributes(json, recorded, isWhole: true);
            json.WriteEndObject();
        }

        using var document = JsonDocument.Parse(written.WrittenMemory);
        return [.. document.RootElement.EnumerateObject().Select(static one => KeyValuePair.Create(
            one.Name, one.Value.ValueKind == JsonValueKind.String ? one.Value.GetString()! : one.Value.GetRawText()))];
    }

    private void WriteAttributes(Utf8JsonWriter json, RecordedEvent recorded, bool isWhole)
    {
        var foreign = Origin.ForeignOf(recorded);
        ExportedEvent.WriteNames(json, recorded, foreign?.Id ?? recorded.Id.ToString(), foreign?.Source ?? SourceOf(recorded.Tenant));
        json.WriteString(foreign is null ? Attributes.Time : Attributes.RecordedTime, Times.ToText(recorded.RecordedAt));
        if (foreign is not null && recorded.EffectiveAt is { } happenedAt)
            json.WriteString(Attributes.Time, Times.ToText(happenedAt));
        var headers = isWhole ? recorded.Headers : [];
        var kept = foreign is null ? headers : Origin.Without(headers);
        ExportedEvent.WriteExtensions(json, recorded, foreign is null ? recorded.EffectiveAt : null, kept.RemoveAll(IsExtension));
        foreach (var (name, value) in kept.Where(IsExtension))
            json.WriteString(name.AsSpan(HeaderPrefix.Length), value);
    }

    private static bool IsExtension(KeyValuePair<string, string> header) => header.Key.StartsWith(HeaderPrefix, StringComparison.Ordinal)
        && header.Key[HeaderPrefix.Length..] is var name && CloudEventRules.IsName(name) && !Attributes.IsKnown(name)
        && CloudEventRules.IsText(header.Value);
}
