using System.Collections.Immutable;
using System.Text.Json;

namespace Ledgerfold.Model.Wire;

/// <summary>What became of a request, and the ids of its events, given or made.</summary>
/// <param name="Outcome">The ledger's answer; null where it could not read what it needed to answer.</param>
/// <param name="Ids">Theirs, in the order of the request.</param>
/// <param name="Damage">What it could not read.</param>
public sealed record AppendAnswer(AppendOutcome? Outcome, ImmutableArray<Guid> Ids, LedgerDamagedException? Damage = null);

/// <summary>The fields that answer an append.</summary>
public static class AppendAnswerJson
{
    /// <summary>Writes the fields into the object that was begun.</summary>
    public static void Write(Utf8JsonWriter json, AppendAnswer answer)
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(answer);
        json.WriteBoolean("ok", answer.Outcome is AppendOutcome.Appended);
        if (answer.Outcome is AppendOutcome.Appended appended)
        {
            WriteAppended(json, appended, answer.Ids);
            return;
        }

        json.WriteString("code", answer.Outcome?.Code ?? "damaged");
        if (answer.Damage is { } damage)
            WriteDamage(json, damage);
        else
            WriteFailure(json, answer.Outcome!);
        // Only with its ids can one ask again what became of it.
        if (answer.Outcome is AppendOutcome.Indeterminate)
            WriteIds(json, answer.Ids);
    }

    private static void WriteAppended(Utf8JsonWriter json, AppendOutcome.Appended appended, ImmutableArray<Guid> ids)
    {
        json.WriteWhole("position", appended.Last);
        json.WriteStartObject("versions");
        foreach (var (stream, version) in appended.Versions)
            json.WriteWhole(stream, version);
        json.WriteEndObject();
        WriteIds(json, ids);
        json.WriteBoolean("repeated", appended.Repeated);
    }

    private static void WriteFailure(Utf8JsonWriter json, AppendOutcome outcome)
    {
        switch (outcome)
        {
            case AppendOutcome.WrongVersion wrong:
                json.WriteString("stream", wrong.Stream);
                json.WriteString("expected", wrong.Expected.ToString());
                json.WriteWhole("actual", wrong.Actual);
                break;
            case AppendOutcome.ConditionFailed failed:
                json.WriteWhole("position", failed.Position);
                break;
            case AppendOutcome.CursorMoved moved:
                json.WriteString("consumer", moved.Consumer);
                json.WriteNumber("partition", moved.Partition);
                json.WriteWhole("actual", moved.Actual);
                break;
            case AppendOutcome.IdConflict conflict:
                json.WriteString("id", conflict.Id);
                json.WriteWhole("position", conflict.Position);
                break;
            case AppendOutcome.MixedRepeat mixed:
                json.WriteString("id", mixed.Id);
                break;
            case AppendOutcome.StreamClosed closed:
                json.WriteString("stream", closed.Stream);
                break;
            case AppendOutcome.Erased erased:
                json.WriteString("id", erased.Id);
                json.WriteWhole("position", erased.Position);
                break;
            case AppendOutcome.Refused refused:
                json.WriteString("field", refused.Field);
                json.WriteString("rule", refused.Rule);
                break;
            case AppendOutcome.ReadOnly { Reason: var reason }:
                json.WriteString("reason", reason);
                break;
            case AppendOutcome.Overloaded { Reason: var reason }:
                json.WriteString("reason", reason);
                break;
            case AppendOutcome.Indeterminate { Reason: var reason }:
                json.WriteString("reason", reason);
                break;
        }
    }

    private static void WriteDamage(Utf8JsonWriter json, LedgerDamagedException damage)
    {
        json.WriteString("file", damage.File);
        json.WriteNumber("offset", damage.Offset);
        json.WriteWhole("position", damage.Position);
        json.WriteString("reason", damage.Message);
    }

    private static void WriteIds(Utf8JsonWriter json, ImmutableArray<Guid> ids)
    {
        json.WriteStartArray("ids");
        foreach (var id in ids)
            json.WriteStringValue(id);
        json.WriteEndArray();
    }
}
