"""Readings of Chinese words that the dictionaries have wrong, and second syllables without tone.

The words are those a house says. Citation tones: 一 and 不 and third tones are changed later.
"""

from typing import Final

READINGS: Final = {
    "一": "yi1", "不": "bu4", "为": "wei2", "调": "tiao2", "地板": "di4 ban3",
    "长按": "chang2 an4", "设为": "she4 wei2", "调为": "tiao2 wei2",
    "调到": "tiao2 dao4", "调高": "tiao2 gao1", "调低": "tiao2 di1", "调大": "tiao2 da4",
    "调小": "tiao2 xiao3", "调亮": "tiao2 liang4", "调暗": "tiao2 an4", "调成": "tiao2 cheng2",
    "调至": "tiao2 zhi4", "调回": "tiao2 hui2", "调整": "tiao2 zheng3", "微调": "wei1 tiao2",
    "调光": "tiao2 guang1", "调温": "tiao2 wen1", "调节": "tiao2 jie2", "调试": "tiao2 shi4",
    "着急": "zhao2 ji2", "没收": "mei2 shou1", "还没": "hai2 mei2", "第一名": "di4 yi1 ming2",
    "重启": "chong2 qi3", "重连": "chong2 lian2", "重设": "chong2 she4", "重置": "chong2 zhi4",
    "重放": "chong2 fang4", "重播": "chong2 bo1", "重试": "chong2 shi4", "空调": "kong1 tiao2",
}  # fmt: skip
"""Word -> its toned syllables."""

TONELESS: Final = frozenset({
    "朋友", "东西", "地方", "多少", "干净", "早上", "晚上", "妈妈", "爸爸", "爷爷", "奶奶",
    "姐姐", "妹妹", "哥哥", "弟弟", "叔叔", "宝宝", "星星", "谢谢", "看看", "试试", "等等",
    "想想", "听听", "衣服", "窗户", "钥匙", "暖和", "凉快", "舒服", "热闹", "明白", "知道",
    "告诉", "休息", "消息", "时候", "事情", "先生", "太太", "师傅", "大夫", "护士", "豆腐",
    "蘑菇", "葡萄", "萝卜", "玻璃", "耳朵", "眼睛", "头发", "关系", "客气", "喜欢", "认识",
    "麻烦", "打扮", "收拾", "打听", "商量", "意思", "便宜", "漂亮", "聪明", "老实", "困难",
    "清楚", "糊涂", "马虎", "柴火", "灯笼", "风筝", "地上", "桌上", "床上", "楼上", "楼下",
    "屋里", "家里", "夜里", "里面", "外面", "上面", "下面", "前面", "后面", "里边", "外边",
    "左边", "右边", "出来", "进来", "回来", "起来", "过来", "出去", "进去", "回去", "过去",
    "我们", "你们", "他们", "她们", "它们", "咱们", "人们", "孩子们",
})  # fmt: skip
"""Words whose last syllable has no tone."""

SPOKEN_ER: Final = frozenset({
    "女儿", "婴儿", "幼儿", "孤儿", "胎儿", "少儿", "男儿", "健儿", "宠儿", "育儿", "托儿",
    "新生儿",
})  # fmt: skip
"""Words whose 儿 is a child, a syllable of its own; elsewhere it colours the one before."""
