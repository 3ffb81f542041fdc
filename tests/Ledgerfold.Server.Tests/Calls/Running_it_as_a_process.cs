using System.Net.Http.Json;

namespace Ledgerfold.Server.Tests.Calls;

public sealed class Running_it_as_a_process : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("ledgerfold-serve-");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task Ends_when_it_is_asked_to_and_begins_again_where_it_was()
    {
        await using (var first = await ServerProcess.Start(_directory.FullName))
        {
            Assert.Equal("alive", (await first.Client.GetFromJsonAsync<Dictionary<string, string>>("/health/live", TestContext.Current.CancellationToken))!["status"]);
            Assert.Equal(0, await first.Stop());
        }

        await using var second = await ServerProcess.Start(_directory.FullName);
        using var ready = await second.Client.GetAsync(new Uri("/health/ready", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.True(ready.IsSuccessStatusCode);
    }

    [Fact]
    public async Task Begins_again_after_a_kill()
    {
        await using (var first = await ServerProcess.Start(_directory.FullName))
            await first.Murder();

        await using var second = await ServerProcess.Start(_directory.FullName);
        Assert.Equal(0, await second.Stop());
    }

    [Fact]
    public async Task Does_not_begin_where_another_one_writes()
    {
        await using var first = await ServerProcess.Start(_directory.FullName);

        var (exitCode, _, errors) = await ServerProcess.Run("--data", _directory.FullName, "--urls", "http://127.0.0.1:0");

        Assert.Equal(1, exitCode);
        Assert.Contains("Another process writes to the ledger", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Does_not_begin_on_a_port_that_is_taken()
    {
        await using var first = await ServerProcess.Start(_directory.FullName);
        var other = Path.Combine(_directory.FullName, "other");

        var (exitCode, _, errors) = await ServerProcess.Run("--data", other, "--urls", first.Client.BaseAddress!.ToString());

        Assert.Equal(1, exitCode);
        Assert.Contains("address already in use", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--clock", "--clock", "fast")]
    [InlineData("--data", "--data")]
    [InlineData("--what", "--what", "1")]
    [InlineData("http://0.0.0.0:0", "--urls", "http://0.0.0.0:0")]
    [InlineData("https://localhost:0", "--urls", "https://localhost:0")]
    [InlineData("--certificate", "--certificate", "cert.pem")]
    [InlineData("http://0.0.0.0:0", "--urls", "http://0.0.0.0:0", "--certificate", "cert.pem", "--certificate-key", "key.pem")]
    [InlineData("nowhere", "--urls", "nowhere")]
    public async Task Says_how_it_is_used_where_the_command_line_is_wrong(string named, params string[] arguments)
    {
        var (exitCode, output, errors) = await ServerProcess.Run(arguments);

        Assert.Equal((2, ""), (exitCode, output));
        Assert.Contains(named, errors, StringComparison.Ordinal);
        Assert.Contains("ledgerfold serve [--data DIR]", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Helps_whoever_asks()
    {
        var (exitCode, output, _) = await ServerProcess.Run("--help");

        Assert.Equal(0, exitCode);
        Assert.Contains("--urls URLS", output, StringComparison.Ordinal);
    }
}
