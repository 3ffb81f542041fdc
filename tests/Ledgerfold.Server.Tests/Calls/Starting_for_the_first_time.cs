using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;

namespace Ledgerfold.Server.Tests.Calls;

public sealed class Starting_for_the_first_time : IDisposable
{
    private const string Password = "a battery of horses";

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("ledgerfold-first-");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task Prints_a_link_with_which_somebody_becomes_the_owner_and_has_a_key()
    {
        string key, token;
        await using (var server = await ServerProcess.Start(_directory.FullName))
        {
            token = await server.ReadOwnerToken();
            using var unknown = await server.Client.GetAsync(new Uri("/api/v1/access", UriKind.Relative), Cancel);
            Assert.Equal(HttpStatusCode.Unauthorized, unknown.StatusCode);
            key = await Claim(server.Client, token);

            Assert.Equal(HttpStatusCode.Forbidden, (await Become(server.Client, token)).StatusCode); // once
            server.Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
            using var appended = await server.Client.PostAsJsonAsync(
                "/api/v1/events", new { writes = new[] { new { stream = "order-1", events = new[] { new { type = "A", data = 1 } } } } }, Cancel);
            Assert.Equal(HttpStatusCode.Created, appended.StatusCode);
            Assert.Equal(0, await server.Stop());
            Assert.DoesNotContain(key[20..], await server.ReadRest(), StringComparison.Ordinal);
        }

        await using (var second = await ServerProcess.Start(_directory.FullName))
        {
            second.Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
            using var again = await second.Client.GetAsync(new Uri("/api/v1/streams/order-1", UriKind.Relative), Cancel);
            Assert.Equal(HttpStatusCode.OK, again.StatusCode);
            Assert.Equal(0, await second.Stop());
            Assert.Equal("", await second.ReadRest()); // no link any more
        }

        foreach (var file in _directory.EnumerateFiles("*", SearchOption.AllDirectories))
        {
            var text = System.Text.Encoding.Latin1.GetString(await File.ReadAllBytesAsync(file.FullName, Cancel));
            foreach (var secret in (string[])[key[20..], token, Password])
                Assert.DoesNotContain(secret, text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Prints_a_new_link_while_nobody_came_in()
    {
        string first;
        await using (var server = await ServerProcess.Start(_directory.FullName))
            first = await server.ReadOwnerToken();

        await using var again = await ServerProcess.Start(_directory.FullName);
        var second = await again.ReadOwnerToken();

        Assert.NotEqual(first, second);
        Assert.Equal(HttpStatusCode.Forbidden, (await Become(again.Client, first)).StatusCode);
        Assert.NotEmpty(await Claim(again.Client, second));
    }

    [Theory]
    [InlineData("""{"token":"x"}""", "")]
    [InlineData("""{"token":"x","user":"olga","password":"a battery of horses","key":{}}""", "/key/label")]
    [InlineData("""{"token":"x","user":"olga","password":"a battery of horses","key":{"label":"x","expiresInDays":0}}""", "/key/expiresInDays")]
    public async Task Says_what_is_wrong_before_the_link_is_used(string body, string pointer)
    {
        await using var server = await RunningServer.Start();

        var answer = await server.Post("/api/v1/first-owner", body);

        Assert.Equal((400, pointer), (answer.Status, answer.Pointers.Single()));
    }

    [Fact]
    public async Task Listens_with_TLS_where_it_has_a_certificate()
    {
        var (certificate, key) = (Path.Combine(_directory.FullName, "cert.pem"), Path.Combine(_directory.FullName, "key.pem"));
        using var pair = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", pair, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var made = request.CreateSelfSigned(DateTimeOffset.UnixEpoch.AddYears(50), DateTimeOffset.UnixEpoch.AddYears(90));
        await File.WriteAllTextAsync(certificate, made.ExportCertificatePem(), Cancel);
        await File.WriteAllTextAsync(key, pair.ExportPkcs8PrivateKeyPem(), Cancel);
        var data = Path.Combine(_directory.FullName, "data");

        await using var server = await ServerProcess.Start(
            data, "--urls", "https://127.0.0.1:0", "--certificate", certificate, "--certificate-key", key);

        using var handler = new SocketsHttpHandler();
        handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            CustomTrustStore = { made },
            RevocationMode = X509RevocationMode.NoCheck,
        };
        using var client = new HttpClient(handler) { BaseAddress = server.Client.BaseAddress };
        Assert.Equal("https", client.BaseAddress!.Scheme);
        using var live = await client.GetAsync(new Uri("/health/live", UriKind.Relative), Cancel);
        Assert.Equal(HttpStatusCode.OK, live.StatusCode);
        using var session = await client.PostAsJsonAsync("/api/v1/sessions", new { user = "olga", password = Password }, Cancel);
        Assert.Equal(HttpStatusCode.Unauthorized, session.StatusCode);
    }

    private static async Task<string> Claim(HttpClient client, string token)
    {
        var answer = await Become(client, token);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        Assert.True(answer.Headers.CacheControl?.NoStore);
        var said = await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel);
        return said.GetProperty("key").GetProperty("key").GetString()!;
    }

    private static Task<HttpResponseMessage> Become(HttpClient client, string token) => client.PostAsJsonAsync(
        "/api/v1/first-owner", new { token, user = "olga", password = Password, key = new { label = "mine", expiresInDays = 30 } }, Cancel);
}
