using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;

namespace Ledgerfold.Model.Exporting;

/// <summary>
/// Writes events of a ledger as NDJSON, one CloudEvent a line, between a line that says what follows and one that seals it. It keeps a
/// piece of the output in memory and nothing else, however much there is.
/// </summary>
public sealed class Exporter(ILedger ledger)
{
    private const int PieceBytes = 256 * 1024;

    /// <summary>
    /// Writes the export; the stream stays open. An output that ends early, for whatever reason, lacks its last line and is refused
    /// by who reads it.
    /// </summary>
    /// <exception cref="ArgumentException">The request breaks a rule.</exception>
    public async Task<ExportReport> Export(ExportRequest request, Stream output, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(output);
        var read = new ReadRequest
        {
            Tenant = request.Tenant ?? Tenants.Default,
            Query = request.Query,
            After = request.After,
            Before = request.Before,
        };
        if (Limits.Check(read) is { } refused)
            throw new ArgumentException($"{refused.Field}: {refused.Rule}", nameof(request));
        if (request.Ledger is { } name && !Limits.IsName(name))
            throw new ArgumentException("ledger: 1 to 512 bytes of UTF-8 without control characters", nameof(request));
        var range = await ledger.ReadRange(cancel);
        // A definite end, so that the file says what it holds before it holds it.
        var through = Math.Max(request.After, Math.Min(request.Before - 1, range.Head));
        using var writing = new Writing(request, output);
        await writing.Header(ExportFrame.Header(request, through), cancel);
        if (through > request.After)
            await WriteEvents(read with { Before = through + 1 }, request, through, writing, cancel);
        return await writing.Seal(through, cancel);
    }

    private async Task WriteEvents(ReadRequest read, ExportRequest request, long through, Writing writing, CancellationToken cancel)
    {
        var pages = request.Tenant is null ? ledger.ReadAcrossTenants(read, cancel) : ledger.Read(read, cancel);
        await foreach (var page in pages)
        {
            foreach (var recorded in page.Events)
            {
                if (writing.Event(recorded) >= PieceBytes)
                    await writing.Drain(cancel);
            }

            request.Progress?.Invoke(new ExportProgress(writing.Events, page.ScannedTo, through));
        }
    }

    private sealed class Writing : IDisposable
    {
        private readonly ExportRequest _request;
        private readonly Stream _output;
        private readonly ArrayBufferWriter<byte> _piece = new(PieceBytes);
        private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        private readonly Utf8JsonWriter _json;
        private (string Tenant, string Source) _from = ("", "");
        private string _headerId = "";
        private long _erased;
        private long _bytes;

        public Writing(ExportRequest request, Stream output)
        {
            (_request, _output) = (request, output);
            _json = new Utf8JsonWriter(_piece, ExportedEvent.Options);
        }

        public long Events { get; private set; }

        public Task Header((string Id, byte[] Line) header, CancellationToken cancel)
        {
            _headerId = header.Id;
            _piece.Write(header.Line);
            return Drain(cancel);
        }

        /// <summary>Writes an event and answers how much waits to be drained.</summary>
        public int Event(RecordedEvent recorded)
        {
            _json.Reset(_piece);
            ExportedEvent.Write(_json, recorded, SourceOf(recorded.Tenant));
            _piece.Write("\n"u8);
            Events++;
            _erased += recorded.Erased ? 1 : 0;
            return _piece.WrittenCount;
        }

        public async Task Drain(CancellationToken cancel)
        {
            _hash.AppendData(_piece.WrittenSpan);
            await _output.WriteAsync(_piece.WrittenMemory, cancel);
            _bytes += _piece.WrittenCount;
            _piece.ResetWrittenCount();
        }

        public async Task<ExportReport> Seal(long through, CancellationToken cancel)
        {
            await Drain(cancel);
            var sha256 = Convert.ToHexStringLower(_hash.GetCurrentHash());
            _piece.Write(ExportFrame.Trailer(_headerId, Attributes.SourceOf(_request.Ledger, _request.Tenant), Events, sha256));
            await Drain(cancel);
            await _output.FlushAsync(cancel);
            return new ExportReport(_request.After, through, Events, _erased, _bytes, sha256);
        }

        public void Dispose()
        {
            _json.Dispose();
            _hash.Dispose();
        }

        private string SourceOf(string tenant)
        {
            if (_from.Tenant != tenant)
                _from = (tenant, Attributes.SourceOf(_request.Ledger, tenant));
            return _from.Source;
        }
    }
}
