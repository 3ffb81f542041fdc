using System.Text.Json;
using Ledgerfold.Model.Comparing;
using Ledgerfold.Model.Exploring;
using Ledgerfold.Model.Timelines;

namespace Ledgerfold.Model.Wire;

/// <summary>
/// The fields of what is answered to questions about the ledger: the same from the command line and over HTTP. Each writes into the object
/// that was begun; what is not there is left out.
/// </summary>
public static class ExploringJson
{
    /// <summary>A page of a list, of which <paramref name="fields"/> writes the fields of an item.</summary>
    public static void Write<T>(Utf8JsonWriter json, ExplorePage<T> page, Action<Utf8JsonWriter, T> fields)
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(page);
        ArgumentNullException.ThrowIfNull(fields);
        json.WriteStartArray("items");
        foreach (var item in page.Items)
            WriteObject(json, item, fields);
        json.WriteEndArray();
        WriteOptional(json, "next", page.Next);
        WriteOptional(json, "prev", page.Prev);
        WriteSearched(json, page.Searched);
        if (page.Stop != EarlyStop.None)
            json.WriteString("stopped", NameOf(page.Stop));
    }

    /// <summary>The mark of an event.</summary>
    public static void Write(Utf8JsonWriter json, EventMark mark)
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(mark);
        json.WriteString("id", mark.Id);
        WritePlace(json, mark);
        json.WriteOptional("correlationId", mark.CorrelationId);
    }

    /// <summary>Where a stream stands.</summary>
    public static void Write(Utf8JsonWriter json, StreamView view)
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(view);
        json.WriteString("stream", view.Stream);
        json.WriteWhole("version", view.Version);
        json.WriteBoolean("closed", view.Closed);
        json.WriteString("tenant", view.Tenant);
        WriteOptional(json, "first", view.First);
        WriteOptional(json, "last", view.Last);
        json.WriteStartArray("types");
        foreach (var (type, events) in view.Types)
        {
            json.WriteStartObject();
            json.WriteString("type", type);
            json.WriteNumber("events", events);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteNumber("counted", view.Counted);
    }

    /// <summary>A tree of causes: its nodes in one list, each before what it led to.</summary>
    public static void Write(Utf8JsonWriter json, CorrelationTree tree)
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(tree);
        json.WriteString("correlationId", tree.CorrelationId);
        json.WriteString("tenant", tree.Tenant);
        WriteTotals(json, tree.Totals);
        json.WriteStartArray("nodes");
        foreach (var node in tree.Nodes)
            WriteObject(json, node, WriteNode);
        json.WriteEndArray();
        WriteOptional(json, "next", tree.Next);
        WriteSearched(json, tree.Searched);
    }

    /// <summary>A state at a moment.</summary>
    public static void Write(Utf8JsonWriter json, StateView view)
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(view);
        WriteSubject(json, view.Stream, view.Tenant, view.Fold);
        json.WriteWhole("version", view.Version);
        json.WriteWhole("position", view.Position);
        WriteOptional(json, "state", view.State);
    }

    /// <summary>How a state differs at two moments.</summary>
    public static void Write(Utf8JsonWriter json, DifferenceView view)
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(view);
        WriteSubject(json, view.Stream, view.Tenant, view.Fold);
        json.WriteWhole("from", view.From);
        json.WriteWhole("to", view.To);
        json.WriteStartArray("changes");
        foreach (var change in view.Changes)
            WriteObject(json, change, WriteChange);
        json.WriteEndArray();
    }

    /// <summary>Where each field of a state comes from.</summary>
    public static void Write(Utf8JsonWriter json, BlameView view)
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(view);
        WriteSubject(json, view.Stream, view.Tenant, view.Fold);
        json.WriteWhole("version", view.Version);
        json.WriteStartArray("fields");
        foreach (var field in view.Fields)
        {
            json.WriteStartObject();
            json.WriteString("pointer", field.Pointer);
            WriteOptional(json, "value", field.Value);
            WriteOptional(json, "by", field.By);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteTotals(Utf8JsonWriter json, CorrelationTotals totals)
    {
        json.WriteNumber("events", totals.Events);
        if (totals is { First: { } first, Last: { } last })
        {
            json.WriteTime("first", first);
            json.WriteTime("last", last);
            json.WriteNumber("durationMs", totals.DurationMillis!.Value);
        }

        json.WriteStartArray("streams");
        foreach (var (stream, events) in totals.Streams)
        {
            json.WriteStartObject();
            json.WriteString("stream", stream);
            json.WriteNumber("events", events);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteNode(Utf8JsonWriter json, CorrelationNode node)
    {
        json.WriteString("id", node.Id);
        json.WriteString("kind", NameOf(node.Kind));
        json.WriteOptional("parent", node.Parent);
        json.WriteNumber("depth", node.Depth);
        if (node.LatencyMillis is { } latency)
            json.WriteNumber("latencyMs", latency);
        json.WriteOptional("command", node.Command);
        if (node.Event is { } mark)
            WritePlace(json, mark);
    }

    private static void WritePlace(Utf8JsonWriter json, EventMark mark)
    {
        json.WriteWhole("position", mark.Position);
        json.WriteString("stream", mark.Stream);
        json.WriteWhole("version", mark.Version);
        json.WriteString("type", mark.Type);
        json.WriteTime("recordedAt", mark.RecordedAt);
        if (mark.EffectiveAt is { } effectiveAt)
            json.WriteTime("effectiveAt", effectiveAt);
        json.WriteOptional("actor", mark.Actor);
    }

    private static void WriteChange(Utf8JsonWriter json, FieldChange change)
    {
        json.WriteString("pointer", change.Pointer);
        WriteOptional(json, "before", change.Before);
        WriteOptional(json, "after", change.After);
    }

    private static void WriteSubject(Utf8JsonWriter json, string stream, string tenant, string fold)
    {
        json.WriteString("stream", stream);
        json.WriteString("tenant", tenant);
        json.WriteString("fold", fold);
    }

    private static void WriteSearched(Utf8JsonWriter json, Searched searched)
    {
        json.WriteStartObject("searched");
        json.WriteWhole("from", searched.From);
        json.WriteWhole("to", searched.To);
        json.WriteNumber("scanned", searched.Scanned);
        json.WriteNumber("matched", searched.Matched);
        json.WriteEndObject();
    }

    private static void WriteObject<T>(Utf8JsonWriter json, T item, Action<Utf8JsonWriter, T> fields)
    {
        json.WriteStartObject();
        fields(json, item);
        json.WriteEndObject();
    }

    private static void WriteOptional(Utf8JsonWriter json, string name, EventMark? mark)
    {
        if (mark is null)
            return;
        json.WritePropertyName(name);
        WriteObject(json, mark, Write);
    }

    private static void WriteOptional(Utf8JsonWriter json, string name, long? whole)
    {
        if (whole is { } value)
            json.WriteWhole(name, value);
    }

    private static void WriteOptional(Utf8JsonWriter json, string name, JsonElement? value)
    {
        if (value is not { } known)
            return;
        json.WritePropertyName(name);
        known.WriteTo(json);
    }

    private static string NameOf(EarlyStop stop) => stop switch
    {
        EarlyStop.Bytes => "bytes",
        EarlyStop.Damage => "damage",
        _ => "scanned",
    };

    private static string NameOf(CorrelationNodeKind kind) => kind switch
    {
        CorrelationNodeKind.Event => "event",
        CorrelationNodeKind.Command => "command",
        _ => "ghost",
    };
}
