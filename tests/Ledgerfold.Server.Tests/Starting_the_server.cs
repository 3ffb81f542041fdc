using Microsoft.AspNetCore.Builder;

namespace Ledgerfold.Server.Tests;

public sealed class Starting_the_server
{
    [Fact]
    public async Task Makes_it_answer()
    {
        await using var app = LedgerfoldServer.Build(["--urls", "http://127.0.0.1:0"]);
        await app.StartAsync(TestContext.Current.CancellationToken);
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };

        Assert.Equal("alive", await client.GetStringAsync(new Uri("/health/live", UriKind.Relative), TestContext.Current.CancellationToken));
    }
}
