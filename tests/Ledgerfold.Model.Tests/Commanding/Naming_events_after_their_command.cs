using FsCheck;
using FsCheck.Fluent;
using Ledgerfold.Model.Commanding;

namespace Ledgerfold.Model.Tests.Commanding;

public sealed class Naming_events_after_their_command
{
    [Fact]
    public void Follows_the_standard()
    {
        // The example of RFC 9562, appendix A.4.
        var dns = new Guid("6ba7b810-9dad-11d1-80b4-00c04fd430c8");

        Assert.Equal(new Guid("2ed6657d-e927-568b-95e1-2665a8aea6a2"), NameBasedId.Of(dns, "www.example.com"u8));
    }

    [Fact]
    public void Gives_these_ids_for_ever()
    {
        var command = new Guid("0197c2f4-7a4e-7bb5-9d1c-111111111111");

        var first = NameBasedId.OfFirstEvent("default", "shop", command);

        Assert.Equal(new Guid("ff75e47b-9388-5894-b4f3-31b988365c42"), first);
        Assert.Equal(first, NameBasedId.OfEvent(first, 0));
        Assert.Equal(new Guid("41a253eb-6709-58e6-9a5f-2743d79ceb79"), NameBasedId.OfEvent(first, 1));
    }

    [Fact]
    public void Never_takes_two_origins_for_one() => Prop.ForAll<NonNull<string>, NonNull<string>, NonNull<string>>((one, two, three) =>
    {
        var command = Guid.AllBitsSet;
        var (left, right) = (one.Get + two.Get, three.Get);
        return (one.Get, two.Get + three.Get) == (left, right)
            || NameBasedId.OfFirstEvent(left, right, command) != NameBasedId.OfFirstEvent(one.Get, two.Get + three.Get, command);
    }).QuickCheckThrowOnFailure();
}
