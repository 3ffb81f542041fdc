using Ledgerfold.Model.Processing;

namespace Ledgerfold.Model.Tests.Processing;

/// <summary>Transitions as they were and are, of zones whose rules differ most.</summary>
public sealed class Telling_time_by_a_calendar
{
    [Theory]
    [InlineData("Europe/Berlin", "2026-01-15 12:00", "2026-01-15 11:00")]
    [InlineData("Europe/Berlin", "2026-07-15 12:00", "2026-07-15 10:00")]
    [InlineData("Europe/Berlin", "2026-03-29 01:59", "2026-03-29 00:59")]
    [InlineData("Europe/Berlin", "2026-03-29 02:00", "2026-03-29 01:00")]
    [InlineData("Europe/Berlin", "2026-03-29 02:30", "2026-03-29 01:30")] // shown as 03:30
    [InlineData("Europe/Berlin", "2026-03-29 03:00", "2026-03-29 01:00")]
    [InlineData("Europe/Berlin", "2026-03-29 03:30", "2026-03-29 01:30")]
    [InlineData("Europe/Berlin", "2026-10-25 01:59", "2026-10-24 23:59")]
    [InlineData("Europe/Berlin", "2026-10-25 02:00", "2026-10-25 00:00")] // the first of two
    [InlineData("Europe/Berlin", "2026-10-25 02:59", "2026-10-25 00:59")]
    [InlineData("Europe/Berlin", "2026-10-25 03:00", "2026-10-25 02:00")]
    [InlineData("America/New_York", "2026-03-08 02:30", "2026-03-08 07:30")] // shown as 03:30
    [InlineData("America/New_York", "2026-03-08 23:00", "2026-03-09 03:00")]
    [InlineData("America/New_York", "2026-11-01 01:30", "2026-11-01 05:30")] // the first of two
    [InlineData("America/New_York", "2026-11-01 02:00", "2026-11-01 07:00")]
    [InlineData("Australia/Lord_Howe", "2026-10-04 01:59", "2026-10-03 15:29")]
    [InlineData("Australia/Lord_Howe", "2026-10-04 02:15", "2026-10-03 15:45")] // shown as 02:45
    [InlineData("Australia/Lord_Howe", "2026-10-04 02:30", "2026-10-03 15:30")]
    [InlineData("Australia/Lord_Howe", "2026-04-05 01:29", "2026-04-04 14:29")]
    [InlineData("Australia/Lord_Howe", "2026-04-05 01:45", "2026-04-04 14:45")] // the first of two
    [InlineData("Australia/Lord_Howe", "2026-04-05 02:00", "2026-04-04 15:30")]
    [InlineData("Asia/Kolkata", "2026-06-01 09:00", "2026-06-01 03:30")]
    [InlineData("Asia/Kathmandu", "2026-06-01 09:00", "2026-06-01 03:15")]
    [InlineData("Pacific/Apia", "2011-12-29 12:00", "2011-12-29 22:00")]
    [InlineData("Pacific/Apia", "2011-12-30 12:00", "2011-12-30 22:00")] // a day that never was: shown as noon of the next
    [InlineData("Pacific/Apia", "2011-12-31 12:00", "2011-12-30 22:00")]
    [InlineData("Pacific/Kiritimati", "2026-06-01 00:30", "2026-05-31 10:30")]
    [InlineData("UTC", "2026-06-01 00:30", "2026-06-01 00:30")]
    public void Follows_the_rules_of_the_place(string zone, string there, string utc) => Assert.Equal(Utc(utc), Local(there, zone).ToInstant());

    [Fact]
    public void Agrees_with_the_clocks_there_at_every_time_that_they_show()
    {
        foreach (var name in (string[])["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "America/Santiago"])
        {
            var zone = TimeZoneInfo.FindSystemTimeZoneById(name);
            for (var instant = Utc("2026-01-01 00:00"); instant.Year == 2026; instant = instant.AddMinutes(15))
            {
                var shown = TimeZoneInfo.ConvertTime(instant, zone).DateTime;
                var found = new CalendarTime(DateOnly.FromDateTime(shown), TimeOnly.FromDateTime(shown), name).ToInstant();
                Assert.Equal(shown, TimeZoneInfo.ConvertTime(found, zone).DateTime);
                Assert.True(found <= instant && instant - found <= TimeSpan.FromHours(1), $"{name} {shown}: {found} for {instant}");
            }
        }
    }

    [Theory]
    [InlineData("Europe/Berlin", "17:30", "2026-03-27 17:00", "2026-03-28 17:30", "2026-03-28 16:30")]
    [InlineData("Europe/Berlin", "17:30", "2026-03-28 16:29", "2026-03-28 17:30", "2026-03-28 16:30")]
    [InlineData("Europe/Berlin", "17:30", "2026-03-28 16:30", "2026-03-29 17:30", "2026-03-29 15:30")]
    [InlineData("Europe/Berlin", "02:30", "2026-03-28 12:00", "2026-03-29 02:30", "2026-03-29 01:30")]
    [InlineData("Europe/Berlin", "02:30", "2026-03-29 01:30", "2026-03-30 02:30", "2026-03-30 00:30")]
    [InlineData("Europe/Berlin", "02:30", "2026-10-24 12:00", "2026-10-25 02:30", "2026-10-25 00:30")]
    [InlineData("Europe/Berlin", "02:30", "2026-10-25 00:30", "2026-10-26 02:30", "2026-10-26 01:30")]
    [InlineData("Pacific/Kiritimati", "00:30", "2026-06-01 12:00", "2026-06-03 00:30", "2026-06-02 10:30")]
    [InlineData("Pacific/Apia", "12:00", "2011-12-29 22:00", "2011-12-31 12:00", "2011-12-30 22:00")]
    [InlineData("Pacific/Apia", "12:00", "2011-12-30 22:00", "2012-01-01 12:00", "2011-12-31 22:00")]
    public void Finds_the_next_time_of_day_there(string zone, string time, string after, string there, string utc)
    {
        var next = CalendarTime.Next(TimeOnly.Parse(time), zone, Utc(after));

        Assert.Equal(Local(there, zone), next);
        Assert.Equal(Utc(utc), next.ToInstant());
    }

    [Fact]
    public void Refuses_a_place_that_nobody_knows()
    {
        var wrong = Assert.Throws<ArgumentException>(() => Local("2026-01-01 00:00", "Europe/Atlantis").ToInstant());

        Assert.StartsWith("'Europe/Atlantis' is no time zone that is known here", wrong.Message);
        Assert.Throws<ArgumentException>(() => CalendarTime.Next(default, "nowhere", default));
    }

    [Fact]
    public void Sets_a_timer_that_keeps_what_was_meant()
    {
        var close = Local("2026-03-29 02:30", "Europe/Berlin");
        var instance = Instance.Begun(Trip.Process(react => react.At("close", close)));

        Assert.Equal((close, Utc("2026-03-29 01:30")), (instance.Timer("close").Local, instance.Timer("close").Due));
        var set = ((ProcessEvent.ProcessAdvanced)instance.Last!).Out[0];
        Assert.Equal("TimerSet close 2026-03-29T01:30:00.000000Z (2026-03-29 02:30:00 Europe/Berlin)", set.ToString());
        Assert.Null(instance.Act(new OperatorAction.MoveTimer("close", Utc("2026-03-30 00:00"))).Timer("close").Local);
    }

    [Fact]
    public void Holds_code_that_names_a_place_that_nobody_knows()
    {
        var instance = Instance.Begun(Trip.Process(static react => react.At("close", Local("2026-03-29 02:30", "Nowhere"))));

        Assert.Contains("'Nowhere' is no time zone", instance.Now!.Error);
    }

    private static CalendarTime Local(string there, string zone)
    {
        var time = DateTime.Parse(there);
        return new CalendarTime(DateOnly.FromDateTime(time), TimeOnly.FromDateTime(time), zone);
    }

    private static DateTimeOffset Utc(string time) => new(DateTime.Parse(time), TimeSpan.Zero);
}
