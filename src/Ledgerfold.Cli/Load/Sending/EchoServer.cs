using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Ledgerfold.Cli.Load.Sending;

/// <summary>
/// A server that does nothing but answer: how fast the generator is against it is how fast the generator is. HTTP/1.1 with bodies of a
/// given length, one call after the other on a connection. Any number of connections.
/// </summary>
internal sealed class EchoServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly Func<string, ValueTask<ReadOnlyMemory<byte>>> _answer;
    private readonly Task _accepting;

    /// <param name="answer">The whole answer to a call, from its head: the line of the request, and its headers.</param>
    public EchoServer(Func<string, ValueTask<ReadOnlyMemory<byte>>> answer)
    {
        _answer = answer;
        _listener.Start(backlog: 1_024);
        _accepting = Accept();
    }

    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    /// <summary>An answer with a body of JSON.</summary>
    /// <param name="headers">More headers, each with a line break behind it.</param>
    public static ReadOnlyMemory<byte> AnswerOf(int status, string json, string headers = "")
    {
        var length = Encoding.UTF8.GetByteCount(json);
        var head = $"HTTP/1.1 {status} Answer\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n{headers}\r\n";
        return Encoding.UTF8.GetBytes(head + json);
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Dispose();
        await _accepting;
        _end.Dispose();
    }

    private async Task Accept()
    {
        while (!_end.IsCancellationRequested)
        {
            try
            {
                _ = Serve(await _listener.AcceptTcpClientAsync(_end.Token));
            }
            catch (Exception ended) when (ended is OperationCanceledException or ObjectDisposedException or SocketException)
            {
                return;
            }
        }
    }

    private async Task Serve(TcpClient client)
    {
        using var mine = client;
        client.NoDelay = true;
        var stream = client.GetStream();
        var buffer = new byte[64 * 1024];
        var filled = 0;
        try
        {
            while (true)
            {
                var headLength = buffer.AsSpan(0, filled).IndexOf("\r\n\r\n"u8) + 4;
                var head = headLength < 4 ? "" : Encoding.ASCII.GetString(buffer, 0, headLength);
                if (headLength >= 4 && filled >= headLength + BodyLengthOf(head))
                {
                    var length = headLength + BodyLengthOf(head);
                    await stream.WriteAsync(await _answer(head), _end.Token);
                    buffer.AsSpan(length, filled - length).CopyTo(buffer);
                    filled -= length;
                    continue;
                }

                var read = await stream.ReadAsync(buffer.AsMemory(filled), _end.Token);
                if (read == 0)
                    return;
                filled += read;
            }
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException)
        {
            // whoever called has gone, or this server has
        }
    }

    private static int BodyLengthOf(string head)
    {
        const string Name = "\r\nContent-Length: ";
        var at = head.IndexOf(Name, StringComparison.OrdinalIgnoreCase);
        if (at < 0)
            return 0;
        var from = at + Name.Length;
        return int.Parse(head.AsSpan(from, head.IndexOf('\r', from) - from), CultureInfo.InvariantCulture);
    }
}
