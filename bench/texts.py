"""The texts that benchmarks speak: fixed, so that numbers of different days compare."""

from typing import Final

MIXED: Final = (
    "早上好！",
    "好的，客厅的灯已经打开了。",
    "The front door is locked.",
    "今天多云，最高气温23.5℃，最低气温15℃，记得带伞。",
    "Your timer for ten minutes is done.",
    "洗衣机洗好了，请把衣服晾出来。",
    "It is 7:45, and the first meeting begins at 9:00.",
    "卧室的温度是21度，湿度是45%，空气质量很好。",
    "打开 living room 的灯，音量调到30%。",
    "Sorry, I could not find a device with that name.",
)
"""Short things a house says, in both languages; spoken clause by clause."""

SENTENCES: Final = (
    "今天下午三点到五点之间可能会有一阵小雨，如果您打算出门散步的话，请不要忘记带上雨伞。",
    "According to the weather report, it will stay cloudy until the evening and then clear up.",
    "厨房里的烤箱已经预热到一百八十摄氏度，现在可以把准备好的蛋糕放进去烤大约四十分钟了。",
    "I have turned off all the lights on the ground floor and set the heating to nineteen degrees.",
)
"""Sentences that sound for four seconds and more."""

NEWS: Final = (
    "Here is the news. The city library opens again on Monday after two months of repairs. "
    "Trains to the airport run every ten minutes. The weekend will be warm and dry."
)
"""Four sentences."""

LONG: Final = (
    "早上好。今天是星期一，天气晴朗，最高气温二十六度。上午九点您有一个会议，下午三点要去接孩子。"
    "家里的牛奶快喝完了，记得买一些。祝您今天过得愉快。"
) + NEWS
"""A text of several sentences, as an assistant reads in the morning."""

ENGLISH: Final = (
    "The front door is locked.",
    "Your timer for ten minutes is done.",
    SENTENCES[1],
    SENTENCES[3],
    NEWS,
)
"""What servers are compared by that speak English only: two short ones, two of one long sentence,
and one of several."""
