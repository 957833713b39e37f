namespace ConnectTasks.Tests;
public sealed class SomeTests { [Fact] public void One_is_one() => Assert.Equal(1, int.Parse("1", null)); }
