using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;
using Ledgerfold.Seams;

namespace Marketplace.Payments.Simulation;

/// <summary>
/// What keeps the simulated provider's books over a crash of the marketplace: the provider is the outside world, and shares nothing with
/// the ledger. One file, one line per change, written and synced before anybody is answered:
/// <code>CRC-32C of the JSON in 8 hex digits · a space · JSON · a line feed</code>
/// A line that was being written when the process died is no change: it is at the end, and the next one overwrites it. A line that cannot
/// be read with others behind it is damage, and refused. After a failed write nothing more is written.
/// </summary>
internal sealed class ProviderJournal : IDisposable
{
    private const string Name = "provider.journal";
    private const int ChecksumLength = 8;

    private readonly IDisposable _mine;
    private readonly IDiskFile _file;
    private long _end;
    private bool _hasFailed;

    private ProviderJournal(IDisposable mine, IDiskFile file) => (_mine, _file) = (mine, file);

    /// <summary>Opens the journal of a directory, or begins one, and hands over what it holds.</summary>
    /// <exception cref="IOException">Another process has it.</exception>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    public static ProviderJournal Open(IDisk disk, Action<ProviderChange> take)
    {
        disk.CreateDirectory();
        var mine = disk.TryLock() ?? throw new IOException($"Another process has the provider's books in {disk.Location}.");
        try
        {
            var journal = new ProviderJournal(mine, disk.Exists(Name) ? disk.Open(Name, writable: true) : disk.Create(Name));
            journal._file.Sync(); // what a killed process wrote and did not sync is read, too, and must not get lost afterwards
            disk.SyncDirectory();
            journal.ReadAll(take);
            return journal;
        }
        catch
        {
            mine.Dispose();
            throw;
        }
    }

    /// <summary>Writes a change; once this returns, it is on disk.</summary>
    public void Append(ProviderChange change)
    {
        if (_hasFailed)
            throw new IOException("The provider's books could not be written, and take nothing more.");
        var json = JsonSerializer.SerializeToUtf8Bytes(change);
        byte[] line = [.. Encoding.ASCII.GetBytes($"{Checksum(json):x8} "), .. json, (byte)'\n'];
        try
        {
            _file.Write(line, _end);
            _file.Sync();
        }
        catch
        {
            _hasFailed = true;
            throw;
        }

        _end += line.Length;
    }

    public void Dispose()
    {
        _file.Dispose();
        _mine.Dispose();
    }

    private void ReadAll(Action<ProviderChange> take)
    {
        var bytes = new byte[_file.Length];
        var text = bytes.AsSpan(0, _file.Read(bytes, 0));
        var damagedAt = -1;
        for (var at = 0; at < text.Length;)
        {
            var length = text[at..].IndexOf((byte)'\n');
            var line = length < 0 ? text[at..] : text.Slice(at, length);
            if (length >= 0 && Read(line) is { } change)
            {
                if (damagedAt >= 0)
                    throw new InvalidDataException($"The provider's books are damaged at byte {damagedAt}.");
                take(change);
                _end = at + length + 1;
            }
            else if (damagedAt < 0)
            {
                damagedAt = at;
            }

            at += line.Length + 1;
        }
    }

    private static ProviderChange? Read(ReadOnlySpan<byte> line)
    {
        var isWhole = line.Length > ChecksumLength && line[ChecksumLength] == ' '
            && uint.TryParse(line[..ChecksumLength], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var checksum)
            && checksum == Checksum(line[(ChecksumLength + 1)..]);
        return isWhole ? JsonSerializer.Deserialize<ProviderChange>(line[(ChecksumLength + 1)..]) : null;
    }

    private static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var one in bytes)
            crc = BitOperations.Crc32C(crc, one);
        return ~crc;
    }
}
