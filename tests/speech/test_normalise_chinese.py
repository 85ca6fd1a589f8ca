"""Notations in Chinese, each with the neighbours it could be mistaken for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wetext import Normalizer as WeText

from wyoming_indextts.speech.lexicon import Lexicon
from wyoming_indextts.speech.normalise import Normaliser, chinese_numbers
from wyoming_indextts.speech.script import Sentence, Span

NORMALISER = Normaliser(Lexicon({}))

WETEXT = WeText(lang="zh", operator="tn")


def said(text: str) -> str:
    return "".join(phrase.text for phrase in NORMALISER.normalise(Sentence((Span(text),))))


@given(st.integers(0, 12).flatmap(lambda size: st.integers(0, 10**size - 1)))
def test_numbers_are_read_as_wetext_reads_them(number: int) -> None:
    counted = f"{chinese_numbers.quantity(str(number))}人"
    assert counted == WETEXT.normalize(f"{number}人")


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("2台、2位、2次、2倍", "两台、两位、两次、两倍"),
        ("2楼、2号、2级、2单元", "二楼、二号、二级、二单元"),
        ("第2个", "第二个"),
        ("2月2日用了2年", "二月二日用了两年"),
        ("2层走廊，2层楼", "二层走廊，两层楼"),
        ("2室1厅", "两室一厅"),
        ("12个", "十二个"),
        ("2点了，2点半", "两点了，两点半"),
        ("共2.5个", "共二点五个"),
    ],
)
def test_two_is_counted_or_named(written: str, spoken: str) -> None:
    assert said(written) == spoken


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("现在0:15", "现在零点十五分"),
        ("现在2:00", "现在两点"),
        ("现在7：05", "现在七点零五分"),
        ("时间06:30:15", "时间六点三十分十五秒"),
        ("在3:45 PM", "在下午三点四十五分"),
        ("下午3:45 PM", "下午三点四十五分"),
        ("比分21:15", "比分二十一比十五"),
        ("在9am起床", "在上午九点起床"),
        ("比例10:1", "比例十比一"),
        ("从8:00～9:30", "从八点到九点三十分"),
        ("需要2h30m", "需要两小时三十分钟"),
        ("剩5m30s", "剩五分钟三十秒"),
    ],
)
def test_times_durations_and_scores(written: str, spoken: str) -> None:
    assert said(written) == spoken


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("日期2026/11/23", "日期二零二六年十一月二十三日"),
        ("日期2026.11.23", "日期二零二六年十一月二十三日"),
        ("版本2026.11.3", "版本二零二六点十一点三"),
        ("日期2026-2-2", "日期二零二六年二月二日"),
        ("日期12/25", "日期十二月二十五日"),
        ("还剩3/4", "还剩四分之三"),
        ("血压120/80", "血压一百二十，八十"),
        ("2024-2026年", "二零二四到二零二六年"),
        ("95后", "九五后"),
        ("时间2026-11-23T15:30:00+08:00", "时间二零二六年十一月二十三日十五点三十分"),
    ],
)
def test_dates_and_fractions(written: str, spoken: str) -> None:
    assert said(written) == spoken


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("现在-5℃", "现在零下五摄氏度"),
        ("-8~-3℃，晴", "零下八到零下三摄氏度，晴"),
        ("-2度，阴", "零下两度，阴"),
        ("华氏77°F", "华氏七十七度"),
        ("湿度40-60%", "湿度百分之四十到六十"),
        ("涨了-5%", "涨了百分之负五"),
        ("每次2L", "每次两升"),
        ("每升2℃/h", "每升二摄氏度每小时"),
        ("单价5元/kg", "单价五元每公斤"),
        ("约¥1.2万", "约一点二万元"),
        ("欠-¥5", "欠负五元"),
        ("1-2楼，1-2个", "一到二楼，一到两个"),
        ("屏幕1920x1080", "屏幕一千九百二十乘一千零八十"),
        ("收5€", "收五欧元"),
        ("水温40° C", "水温四十摄氏度"),
        ("误差±2℃", "误差正负二摄氏度"),
        ("单位是℃、℉、°或%", "单位是摄氏度、华氏度、度或百分号"),
        ("电池x2，亮度3x", "电池乘二，亮度三倍"),
        ("3-4盆花，音量30-50之间", "三到四盆花，音量三十到五十之间"),
        ("pm2.5和co2", "P M二点五和二氧化碳"),
        ("共1,234个", "共一千二百三十四个"),
        ("调到-3，再+3", "调到负三，再加三"),
    ],
)
def test_quantities(written: str, spoken: str) -> None:
    assert said(written) == spoken


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("请拨110", "请拨幺幺零"),
        ("打110次，湿度110", "打一百一十次，湿度一百一十"),
        ("手机138-1234-5678", "手机幺三八，幺二三四，五六七八"),
        ("客服4001234567", "客服四零零幺二三四五六七"),
        ("国外+1 415 555 0100", "国外加幺，四幺五，五五五，零幺零零"),
        ("找555-1234吧", "找五五五，幺二三四吧"),
        ("座机010-12345678", "座机零幺零，幺二三四五六七八"),
        ("电话12个", "电话十二个"),
        ("房间101，302号房", "房间一零一，三零二号房"),
        ("502室温度22度", "五零二室温度二十二度"),
        ("验证码是482101", "验证码是四八二一零一"),
        ("CA1234航班", "CA一二三四航班"),
        ("地址192.168.1.10:8123", "地址一九二点一六八点一点一零，端口八一二三"),
        ("打开IPv6和USB-C", "打开I P V六和U S B C"),
    ],
)
def test_numbers_that_are_names(written: str, spoken: str) -> None:
    assert said(written) == spoken


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("好的，it's 7:45 now。", "好的，it's seven forty-five now。"),
        ("播放《Summer of 69》", "播放 Summer of sixty-nine"),
        ("Xiaomi Air Purifier 4 Pro已开", "Xiaomi Air Purifier four Pro已开"),
        ("iPhone 15电量80%", "iPhone 十五电量百分之八十"),
        ("用电12 kWh和3 kW", "用电十二千瓦时和三千瓦"),
        ("播放Tom & Jerry", "播放Tom and Jerry"),
    ],
)
def test_english_inside_chinese_keeps_its_numbers_where_it_is_a_run(
    written: str, spoken: str
) -> None:
    assert said(written) == spoken


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("客厅 温度 23 度", "客厅温度二十三度"),
        ("开/关，#1", "开、关，一号"),
        ("好的~ 真的？？嗯……（备注）“完”", "好的真的？嗯…备注，完"),
        ("@小明", "艾特小明"),
        ("张三&李四", "张三和李四"),
        ("23.5℃。", "二十三点五摄氏度。"),
    ],
)
def test_words_and_marks(written: str, spoken: str) -> None:
    assert said(written) == spoken
