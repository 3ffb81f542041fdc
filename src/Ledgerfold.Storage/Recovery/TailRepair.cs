using System.Security.Cryptography;
using System.Text.Json;
using Ledgerfold.Seams;
using Ledgerfold.Storage.Format;
using Ledgerfold.Storage.Segments;

namespace Ledgerfold.Storage.Recovery;

/// <summary>
/// Accepts the loss of a suspect end: its bytes are copied into a file of their own, with a note of who asked and why, before the log is
/// sealed in front of them. Nothing is deleted. The caller holds the directory.
/// </summary>
internal static class TailRepair
{
    public static RepairReport Run(EmbeddedLedgerOptions options, string reason)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(reason);
        var survey = Survey.Of(options.Disk);
        var loaded = LoadedLog.From(options.Disk, survey, options, readOnly: true);
        RepairReport report;
        using (loaded.Log)
        {
            if (loaded.Trouble is null)
                return new RepairReport(Repaired: false, loaded.Tail.ExpectedPosition - 1, 0, "");
            if (loaded.Trouble.Code != "suspect-tail")
                throw Unavailable.Damaged($"A repair accepts the loss of a suspect end; this is another trouble: {loaded.Trouble.Reason}");
            var bytes = ReadTail(options, loaded);
            var name = FreeName(options.Disk, survey.EpochMax);
            Save(options, name + ".bytes", bytes);
            Save(options, name + ".json", Describe(options, loaded, reason, bytes));
            options.Disk.SyncDirectory();
            report = new RepairReport(Repaired: true, loaded.Tail.ExpectedPosition - 1, bytes.Length, name + ".bytes");
        }

        SealBeforeTail(options);
        return report;
    }

    /// <summary>A repair that was cut short leaves files, which stay.</summary>
    private static string FreeName(IDisk disk, long epoch)
    {
        var taken = disk.List();
        for (var attempt = 1; ; attempt++)
        {
            var name = attempt == 1 ? $"quarantine-{epoch:D8}" : $"quarantine-{epoch:D8}-{attempt}";
            if (!taken.Any(entry => entry.StartsWith(name + ".", StringComparison.Ordinal)))
                return name;
        }
    }

    private static byte[] ReadTail(EmbeddedLedgerOptions options, LoadedLog loaded)
    {
        using var file = options.Disk.Open(loaded.Log.Last.Name, writable: false);
        var bytes = new byte[loaded.TailBytes];
        file.Read(bytes, loaded.Tail.Offset);
        return bytes;
    }

    private static byte[] Describe(EmbeddedLedgerOptions options, LoadedLog loaded, string reason, byte[] bytes)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteString("repairedAt", options.Clock.GetUtcNow());
            json.WriteString("reason", reason);
            json.WriteString("segment", loaded.Log.Last.Name);
            json.WriteNumber("offset", loaded.Tail.Offset);
            json.WriteString("positionLost", loaded.Tail.ExpectedPosition.ToString());
            json.WriteString("problem", loaded.Tail.Reason);
            json.WriteNumber("bytes", bytes.Length);
            json.WriteString("sha256", Convert.ToHexStringLower(SHA256.HashData(bytes)));
            json.WriteEndObject();
        }

        return stream.ToArray();
    }

    private static void Save(EmbeddedLedgerOptions options, string name, byte[] bytes)
    {
        using var file = options.Disk.Create(name);
        file.Write(bytes, 0);
        file.Sync();
    }

    private static void SealBeforeTail(EmbeddedLedgerOptions options)
    {
        var opener = new LedgerOpener(options.Disk, options, new LedgerHealth()) { AcceptSuspectTail = true };
        var (loaded, start) = opener.Open();
        start?.Segment.Dispose();
        start?.Claim.Dispose();
        loaded.Log.Dispose();
    }
}
