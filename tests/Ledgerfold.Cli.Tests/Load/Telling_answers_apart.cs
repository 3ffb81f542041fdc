using System.Net;
using System.Text;
using Ledgerfold.Cli.Load.Sending;

namespace Ledgerfold.Cli.Tests.Load;

public sealed class Telling_answers_apart
{
    [Theory]
    [InlineData(201, """{"orderId":"o-1","status":"pending"}""", "Pending", true)]
    [InlineData(201, """{"lines":[{"status":"x","orderId":"y"}],"status":"confirmed","orderId":"o-1"}""", "Confirmed", true)]
    [InlineData(201, """{"orderId":"o-1","status":"rejected","code":"INSUFFICIENT_STOCK"}""", "Rejected", true)]
    [InlineData(201, """{"orderId":"o-1","status":"onHold"}""", "OnHold", true)]
    [InlineData(409, """{"status":409,"code":"INSUFFICIENT_STOCK"}""", "Refused", true)]
    [InlineData(422, """{"status":422,"code":"PRICE_CHANGED"}""", "Refused", true)]
    [InlineData(409, """{"status":409,"code":"in-progress"}""", "InProgress", false)]
    [InlineData(429, """{"status":429,"code":"too-many-requests"}""", "Shed", false)]
    [InlineData(503, """{"status":503,"code":"BUSY"}""", "Shed", false)]
    [InlineData(503, "", "Shed", false)]
    [InlineData(400, """{"status":400,"code":"invalid"}""", "Failed", false)]
    [InlineData(422, """{"status":422,"code":"key-reused"}""", "Failed", false)]
    [InlineData(500, """{"status":500,"code":"FAILED"}""", "Failed", false)]
    [InlineData(201, """{"orderId":"o-1"}""", "Failed", false)]
    [InlineData(200, "<html>", "Failed", false)]
    public void Goes_by_status_and_code(int status, string body, string kind, bool isOfBusiness)
    {
        var answer = Answer.Of((HttpStatusCode)status, Encoding.UTF8.GetBytes(body));

        Assert.Equal((kind, isOfBusiness), ($"{answer.Kind}", Answer.IsOfBusiness(answer.Kind)));
    }

    [Fact]
    public void Takes_the_order_from_the_answer_itself_and_not_from_its_parts()
    {
        var answer = Answer.Of(HttpStatusCode.Created, """{"vendorOrders":[{"orderId":"o-2","status":"x"}],"orderId":"o-1","status":"pending"}"""u8);

        Assert.Equal(("o-1", "pending"), (answer.OrderId, answer.Detail));
    }

    [Fact]
    public void Counts_a_broken_connection_as_no_answer() => Assert.False(Answer.IsOfBusiness(AnswerKind.Broken));
}
