using System.Net;
using Ledgerfold.Server.Security.Serving;

namespace Ledgerfold.Server.Tests.Security;

public sealed class Listening_safely
{
    [Theory]
    [InlineData("http://localhost:5000", false, true)]
    [InlineData("http://LOCALHOST", false, true)]
    [InlineData("http://127.0.0.1:0", false, true)]
    [InlineData("http://127.3.2.1:80", false, true)]
    [InlineData("http://[::1]:5000", false, true)]
    [InlineData("http://[::ffff:127.0.0.1]:5000", false, true)]
    [InlineData("http://unix:/tmp/ledgerfold.sock", false, true)]
    [InlineData("http://0.0.0.0:5000", false, false)]
    [InlineData("http://[::]:5000", false, false)]
    [InlineData("http://*:5000", false, false)]
    [InlineData("http://+:5000", true, false)]
    [InlineData("http://192.0.2.1:5000", true, false)]
    [InlineData("http://ledger.example:5000", true, false)]
    [InlineData("http://localhost.example:5000", true, false)]
    [InlineData("http://127.0.0.1.example", true, false)]
    [InlineData("https://0.0.0.0:5001", true, true)]
    [InlineData("https://localhost:5001", false, false)]
    [InlineData("ftp://localhost", true, false)]
    [InlineData("localhost:5000", true, false)]
    [InlineData("", true, false)]
    public void Is_plain_only_on_this_machine(string url, bool hasTls, bool isGood) =>
        Assert.Equal(isGood, Listening.Check([url], hasTls).IsEmpty);

    [Fact]
    public void Says_what_is_wrong_with_each_address() =>
        Assert.Equal(2, Listening.Check(["http://localhost", "http://*:80", "https://*:443"], hasTls: false).Length);

    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1")]
    [InlineData("::ffff:192.0.2.1", "192.0.2.1")]
    [InlineData("::1", "::1")]
    [InlineData("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64")]
    [InlineData("2001:db8:1:2:ffff::", "2001:db8:1:2::/64")]
    public void Tells_addresses_apart_by_what_one_machine_has(string address, string source) =>
        Assert.Equal(source, Sources.Of(IPAddress.Parse(address)));
}
