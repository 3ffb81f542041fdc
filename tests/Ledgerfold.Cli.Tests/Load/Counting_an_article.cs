using System.Text.Json;
using Ledgerfold.Cli.Load.Recounting;

namespace Ledgerfold.Cli.Tests.Load;

/// <summary>Random histories of one article, compared with a row of single units, each of which remembers who had it.</summary>
public sealed class Counting_an_article
{
    [Fact]
    public void Agrees_with_a_row_of_single_units()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var (article, shelf) = (new ArticleCount(), new Shelf());
            var open = new List<(string Id, int Quantity)>();
            for (var step = 0; step < 60; step++)
            {
                if (step == 0 || random.Next(12) == 0)
                    Receive(article, shelf, random.Next(1, 8));
                else if (random.Next(2) == 0)
                    Reserve(article, shelf, open, $"r{step}", random.Next(1, 4), mayOversell: seed % 3 == 0);
                else if (open.Count > 0)
                    End(article, shelf, open, random);
            }

            Assert.Equal((shelf.OnHand, shelf.Reserved, shelf.Committed, shelf.Worst), (article.OnHand, article.Reserved, article.Committed, article.WorstShortfall));
            Assert.Equal(0, article.WrongEnds);
            if (shelf.Worst == 0)
                Assert.Equal(shelf.Free, article.Free.SelectMany(free => Enumerable.Repeat(free.ReservationId, (int)free.Quantity)));
        }
    }

    private static void Receive(ArticleCount article, Shelf shelf, int quantity)
    {
        article.Take(Event("StockReceived", new { location = "main", quantity }));
        shelf.OnHand += quantity;
        shelf.Free.AddRange(Enumerable.Repeat<string?>(null, quantity));
        shelf.Look();
    }

    private static void Reserve(ArticleCount article, Shelf shelf, List<(string, int)> open, string id, int quantity, bool mayOversell)
    {
        if (!mayOversell && shelf.Free.Count < quantity)
            return;
        article.Take(Event("StockReserved", new { reservationId = id, quantity }));
        open.Add((id, quantity));
        shelf.Reserved += quantity;
        shelf.Free.RemoveRange(0, Math.Min(quantity, shelf.Free.Count));
        shelf.Look();
    }

    private static void End(ArticleCount article, Shelf shelf, List<(string Id, int Quantity)> open, Random random)
    {
        var (id, quantity) = open[random.Next(open.Count)];
        open.Remove((id, quantity));
        shelf.Reserved -= quantity;
        var how = random.Next(3) switch { 0 => "Committed", 1 => "Released", _ => "Expired" };
        article.Take(Event($"Reservation{how}", new { reservationId = id, quantity }));
        if (how == "Committed")
            shelf.Committed += quantity;
        else
            shelf.Free.AddRange(Enumerable.Repeat<string?>(id, quantity));
        shelf.Look();
    }

    private static ExportedEvent Event(string type, object data) => new(type, default, JsonSerializer.SerializeToElement(data));

    private sealed class Shelf
    {
        public List<string?> Free { get; } = [];

        public long OnHand { get; set; }

        public long Reserved { get; set; }

        public long Committed { get; set; }

        public long Worst { get; private set; }

        public void Look() => Worst = Math.Max(Worst, Reserved + Committed - OnHand);
    }
}
