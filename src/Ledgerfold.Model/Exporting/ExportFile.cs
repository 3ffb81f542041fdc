using System.Security.Cryptography;

namespace Ledgerfold.Model.Exporting;

/// <summary>
/// A file of events, read line by line and checked on the way. An export begins with its header and is then read as strictly as it was
/// written: only so does its seal tell. Without a header it is a file of plain CloudEvents, where blank lines, a byte order mark and the
/// line ends of other systems do no harm.
/// </summary>
internal sealed class ExportFile(Stream input, ImportOptions options) : IDisposable
{
    private static readonly byte[] Mark = [0xEF, 0xBB, 0xBF];

    private readonly LineSource _lines = new(input);
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private ReadOnlyMemory<byte> _unhashed; // the line given out last
    private (string Id, string Source)? _header;
    private long _events;
    private long _positionLast;

    /// <summary>The hash of the first line; empty until the first event was read.</summary>
    public string FirstLine { get; private set; } = "";

    /// <summary>The hash of all lines before the one given out last; of all but the trailer at the end.</summary>
    public string HashBefore() => Convert.ToHexStringLower(_hash.GetCurrentHash());

    /// <summary>The next event, or null at the end.</summary>
    /// <exception cref="BadFileException">A line breaks a rule, or an export was cut off or changed.</exception>
    public async ValueTask<ImportedEvent?> Next(CancellationToken cancel)
    {
        while (true)
        {
            _hash.AppendData(_unhashed.Span);
            _unhashed = default;
            if (await _lines.Read(cancel) is not { } line)
            {
                if (_header is null)
                    return null;
                throw BadFileException.Damaged(
                    _lines.Number, "the file ends here without its last line: it was cut off, or its export did not end");
            }

            if (_lines.Number == 1)
                FirstLine = Convert.ToHexStringLower(SHA256.HashData(line.Span));
            if (Content(line) is not { } content)
            {
                _unhashed = line;
                continue;
            }

            using var attributes = LineAttributes.Parse(content, _lines.Number);
            if (FrameOf(attributes) is not { } type)
            {
                _unhashed = line;
                return Event(attributes);
            }

            if (type == ExportFrame.End)
            {
                await CheckEnd(line, cancel);
                return null;
            }

            ReadHeader(attributes, content.Length != line.Length - 1);
            _unhashed = line;
        }
    }

    public void Dispose() => _hash.Dispose();

    /// <summary>What a line says, without its end; null for a blank one.</summary>
    private ReadOnlyMemory<byte>? Content(ReadOnlyMemory<byte> line)
    {
        var isMarked = _lines.Number == 1 && line.Span.StartsWith(Mark);
        var content = (isMarked ? line[Mark.Length..] : line).TrimEnd("\r\n \t"u8);
        if (_header is null)
            return content.IsEmpty ? (ReadOnlyMemory<byte>?)null : content;
        if (line.Span[^1] != (byte)'\n')
            throw BadFileException.Damaged(_lines.Number, "the file ends in the midst of this line: it was cut off");
        return content.Length == line.Length - 1 && !content.IsEmpty
            ? content
            : throw BadFileException.Damaged(_lines.Number, "a blank line, white space at its end, or a line end that is not \\n alone");
    }

    private static string? FrameOf(LineAttributes attributes) =>
        !attributes.Has(Attributes.Subject) && attributes.Find(Attributes.Type) is { } type
            && (type.ValueEquals(ExportFrame.Begin) || type.ValueEquals(ExportFrame.End))
            ? attributes.Text(Attributes.Type)
            : null;

    private void ReadHeader(LineAttributes attributes, bool isChanged)
    {
        if (_lines.Number != 1)
            throw BadFileException.Damaged(_lines.Number, "an export begins here, in the midst of a file: import one after the other");
        if (isChanged)
            throw BadFileException.Damaged(1, "a byte order mark, or a line end that is not \\n alone, was put into the export");
        if (attributes.Find(Attributes.Data) is not { ValueKind: System.Text.Json.JsonValueKind.Object } data
            || !data.TryGetProperty("format", out var format) || format.GetRawText() != $"{ExportFrame.Format}")
        {
            throw attributes.Refused("data.format", $"{ExportFrame.Format}: another one was written by another version");
        }

        _header = (attributes.RequiredText(Attributes.Id), attributes.RequiredText(Attributes.Source));
    }

    private async ValueTask CheckEnd(ReadOnlyMemory<byte> line, CancellationToken cancel)
    {
        if (_header is not { } header)
            throw BadFileException.Damaged(_lines.Number, "an export ends here whose first line is missing");
        if (!line.Span.SequenceEqual(ExportFrame.Trailer(header.Id, header.Source, _events, HashBefore())))
            throw BadFileException.Damaged(_lines.Number, "the number of events or the hash does not fit: the file was changed");
        if (await _lines.Read(cancel) is not null)
            throw BadFileException.Damaged(_lines.Number, "something follows the end of the export");
    }

    private ImportedEvent Event(LineAttributes attributes)
    {
        _events++;
        var read = ImportedEvent.From(attributes, options);
        if (read.Position is { } position)
        {
            if (position <= _positionLast)
            {
                throw attributes.Refused(
                    Attributes.Position, $"above {_positionLast}, that of an event before it: events stand in their order, each once");
            }

            _positionLast = position;
        }

        return read;
    }
}
