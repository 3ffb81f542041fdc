using System.Text.Json;
using Ledgerfold.Model.Wire;
using Ledgerfold.Storage;

namespace Ledgerfold.Cli.Json;

/// <summary>The fields of what verbs report about a ledger as a whole.</summary>
internal static class ReportJson
{
    public static void Write(Utf8JsonWriter json, LedgerStat stat)
    {
        json.WriteString("storeId", stat.StoreId);
        json.WriteNumber("format", stat.Format);
        json.WriteNumber("epoch", stat.Epoch);
        json.WriteTime("createdAt", stat.CreatedAt);
        json.WriteWhole("first", stat.First);
        json.WriteWhole("head", stat.Head);
        json.WriteNumber("streams", stat.Streams);
        json.WriteNumber("segments", stat.Segments);
        json.WriteNumber("indexRuns", stat.IndexRuns);
        json.WriteNumber("cursors", stat.Cursors);
        json.WriteStartObject("bytes");
        json.WriteNumber("log", stat.LogBytes);
        json.WriteNumber("reserved", stat.ReservedBytes);
        json.WriteNumber("index", stat.IndexBytes);
        json.WriteEndObject();
        if (stat.Trouble is not { } trouble)
            return;
        json.WriteStartObject("trouble");
        json.WriteString("code", trouble.Code);
        json.WriteString("reason", trouble.Reason);
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, VerifyReport report)
    {
        json.WriteBoolean("sound", report.IsSound);
        json.WriteWhole("head", report.Head);
        json.WriteNumber("events", report.Events);
        json.WriteNumber("streams", report.Streams);
        json.WriteNumber("segments", report.Segments);
        json.WriteNumber("tornBytes", report.TornBytes);
        json.WriteStartArray("problems");
        foreach (var problem in report.Problems)
        {
            json.WriteStartObject();
            json.WriteString("file", problem.File);
            json.WriteNumber("offset", problem.Offset);
            json.WriteWhole("position", problem.Position);
            json.WriteString("problem", problem.Problem);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("readable");
        foreach (var (from, through) in report.Readable)
        {
            json.WriteStartObject();
            json.WriteWhole("from", from);
            json.WriteWhole("through", through);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("strays");
        foreach (var stray in report.Strays)
            json.WriteStringValue(stray);
        json.WriteEndArray();
    }

    public static void Write(Utf8JsonWriter json, RepairReport report)
    {
        json.WriteBoolean("repaired", report.Repaired);
        json.WriteWhole("head", report.Head);
        json.WriteNumber("quarantinedBytes", report.QuarantinedBytes);
        if (report.QuarantineFile.Length > 0)
            json.WriteString("quarantineFile", report.QuarantineFile);
    }

    public static void Write(Utf8JsonWriter json, BackupReport report)
    {
        json.WriteString("storeId", report.StoreId);
        json.WriteWhole("head", report.Head);
        json.WriteNumber("bytes", report.Bytes);
    }
}
