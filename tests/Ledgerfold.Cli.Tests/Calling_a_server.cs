using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Ledgerfold.Cli.Tests;

public sealed class Calling_a_server
{
    [Theory]
    [InlineData(200, 0)]
    [InlineData(202, 0)]
    [InlineData(404, 3)]
    [InlineData(403, 4)]
    [InlineData(409, 5)]
    [InlineData(412, 5)]
    [InlineData(400, 2)]
    [InlineData(503, 1)]
    public async Task Shows_the_answer_and_tells_its_kind(int status, int exitCode)
    {
        using var server = new OneCall(status, """{"a":1}""");

        var ended = await RunningProgram.Run("", "api", "GET", "/api/v1/events?limit=1", "--server", server.Address);

        Assert.Equal((exitCode, """{"a":1}"""), (ended.ExitCode, ended.Output));
        Assert.StartsWith("GET /api/v1/events?limit=1 HTTP/1.1", await server.Request, StringComparison.Ordinal);
        Assert.Equal(status < 300, ended.Errors.Length == 0);
    }

    [Fact]
    public async Task Sends_what_comes_in_with_a_key_of_its_own()
    {
        using var server = new OneCall(201, "{}");

        await RunningProgram.Run("""{"reason":"x"}""", "api", "POST", "/api/v1/x", "--server", server.Address, "--tenant", "other", "--header", "If-Match: *");

        var request = await server.Request;
        Assert.Matches("\r\nIdempotency-Key: [0-9a-f-]{36}\r\n", request);
        Assert.Contains("\r\nLedgerfold-Tenant: other\r\n", request, StringComparison.Ordinal);
        Assert.Contains("\r\nIf-Match: *\r\n", request, StringComparison.Ordinal);
        Assert.Contains("""{"reason":"x"}""", request, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, "api", "PATCH", "/api/v1/x")]
    [InlineData(2, "api", "GET", "api/v1/x")]
    [InlineData(2, "api", "GET", "//evil.example/x")]
    [InlineData(2, "api", "GET", "/x", "--server", "http://192.0.2.1:80")]
    [InlineData(2, "api", "GET", "/x", "--server", "ftp://127.0.0.1")]
    [InlineData(2, "api", "GET", "/x", "--header", "nothing")]
    [InlineData(7, "api", "GET", "/x", "--server", "http://127.0.0.1:1")]
    public async Task Says_what_is_wrong(int exitCode, params string[] arguments)
    {
        var ended = await RunningProgram.Run("", arguments);

        Assert.Equal((exitCode, ""), (ended.ExitCode, ended.Output));
        Assert.NotEmpty(ended.Errors);
        Assert.DoesNotContain("   at ", ended.Errors, StringComparison.Ordinal);
    }

    /// <summary>A server that answers one call, and tells what it was.</summary>
    private sealed class OneCall : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

        public OneCall(int status, string body)
        {
            _listener.Start();
            Address = $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";
            Request = Answer($"HTTP/1.1 {status} X\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n{body}");
        }

        public string Address { get; }

        public Task<string> Request { get; }

        public void Dispose() => _listener.Dispose();

        private async Task<string> Answer(string answer)
        {
            using var client = await _listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
            var stream = client.GetStream();
            var request = new StringBuilder();
            var buffer = new byte[4096];
            while (!IsWhole(request.ToString()))
                request.Append(Encoding.UTF8.GetString(buffer, 0, await stream.ReadAsync(buffer, TestContext.Current.CancellationToken)));
            await stream.WriteAsync(Encoding.UTF8.GetBytes(answer), TestContext.Current.CancellationToken);
            return request.ToString();
        }

        /// <summary>Chunked bodies end with an empty chunk; calls without one with their headers.</summary>
        private static bool IsWhole(string request) =>
            request.StartsWith("GET", StringComparison.Ordinal) ? request.EndsWith("\r\n\r\n", StringComparison.Ordinal) : request.EndsWith("\r\n0\r\n\r\n", StringComparison.Ordinal);
    }
}
