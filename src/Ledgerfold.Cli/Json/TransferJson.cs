using System.Text.Json;
using Ledgerfold.Model.Exporting;
using Ledgerfold.Model.Wire;

namespace Ledgerfold.Cli.Json;

/// <summary>The fields that tell of an export, an import and a comparison.</summary>
internal static class TransferJson
{
    public static void Write(Utf8JsonWriter json, ExportReport report)
    {
        json.WriteWhole("after", report.After);
        json.WriteWhole("through", report.Through);
        json.WriteNumber("events", report.Events);
        json.WriteNumber("erased", report.Erased);
        json.WriteNumber("bytes", report.Bytes);
        json.WriteString("sha256", report.Sha256);
    }

    public static void Write(Utf8JsonWriter json, (ImportOutcome Outcome, FileComparison? Compared) answer)
    {
        json.WriteBoolean("ok", answer.Outcome is ImportOutcome.Imported && answer.Compared is null or { IsSame: true });
        var counts = answer.Outcome.Counts;
        json.WriteNumber("appended", counts.Appended);
        json.WriteNumber("found", counts.Found);
        json.WriteNumber("passedOver", counts.PassedOver);
        json.WriteNumber("erased", counts.Erased);
        switch (answer.Outcome)
        {
            case ImportOutcome.Refused refused:
                WriteFault(json, refused.Fault);
                break;
            case ImportOutcome.Conflict conflict:
                json.WriteString("code", conflict.Code);
                json.WriteNumber("line", conflict.Line);
                json.WriteString("reason", conflict.Reason);
                break;
            case ImportOutcome.Stopped stopped:
                json.WriteString("code", stopped.Code);
                json.WriteString("reason", stopped.Reason);
                break;
        }

        if (answer.Compared is not { } compared)
            return;
        json.WriteStartObject("verified");
        Write(json, compared);
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, FileComparison compared)
    {
        json.WriteBoolean("same", compared.IsSame);
        json.WriteNumber("events", compared.Events);
        json.WriteNumber("equal", compared.Same);
        json.WriteNumber("missing", compared.Missing);
        json.WriteNumber("different", compared.Different);
        json.WriteNumber("erased", compared.Erased);
        json.WriteStartArray("differences");
        foreach (var one in compared.Differences)
        {
            json.WriteStartObject();
            json.WriteNumber("line", one.Line);
            json.WriteString("id", one.Id);
            json.WriteString("what", one.What);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        if (compared.Fault is { } fault)
            WriteFault(json, fault);
    }

    private static void WriteFault(Utf8JsonWriter json, FileFault fault)
    {
        json.WriteString("code", fault.IsDamage ? "damaged" : "refused");
        json.WriteNumber("line", fault.Line);
        json.WriteString("field", fault.Field);
        json.WriteString("rule", fault.Rule);
    }
}
