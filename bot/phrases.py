"""Sentences residents read that belong to no single service. 您, short, the next step, the way out."""

APOLOGY = "抱歉，这条消息我没能处理好，已经记下来请同事查看。着急请回复“人工”；遇到危险请直接拨打110、119或120。"
ASK_FOR_WORDS = "您好，我没有收到文字。请用一句话说说是什么事，例如：楼道灯不亮了。"
UNSUPPORTED = "您好，这种消息我暂时打不开。请用文字或照片告诉我，例如：楼道灯不亮了。"
VOICE_UNHEARD = "您好，语音我没有听清。请打字说一句，或按住说话转成文字后再发。回复“人工”可以找人帮忙。"
NOTHING_OPEN = "现在没有需要取消的事。要撤回已登记的事，请回复“撤回”。"
CANCELLED = "好的，已取消。需要时直接说就行。"
COURTESY = "不客气，有事随时说。"
GLAD_IT_IS_OVER = "好的，解决了就好。有事随时说。"
SMALLTALK = "您好，我是{name}，网格里的事都可以跟我说，例如：楼道灯不亮了。回复“菜单”看看我能做什么。"
PRIVACY_VERSION = "1"
PRIVACY = "您的消息只用于办理您反映的事，由本网格和相关部门看到；回复“我的数据”随时查看，回复“退订”不再收公告。"
EMERGENCY_LINE = "遇到危险请先拨打：火警119，急救120，报警110。"
CORRECT = "不对？回复“改类”“换地址”或“撤回”。"
NOT_UNDERSTOOD = "我没完全听懂，先请人看看。"


def welcome(name: str, asked: str = "") -> str:
    """Three lines: who this is, the privacy notice, and the one question; what is `asked` beside it comes before it."""
    return (
        f"您好，这里是{name}。家里家外的事，一句话告诉我，例如：楼道灯不亮了。{EMERGENCY_LINE}\n"
        f"{PRIVACY}\n"
        + (f"{asked}\n" if asked else "")
        + "请问您住哪个小区、几栋？例如：紫荆苑3栋2单元501。也可以发送位置，或扫楼栋门口的二维码。"
    )
